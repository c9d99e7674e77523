import {
  type AnyOperationInput,
  checkOperation,
  down,
  type Fingerprint,
  type Migration,
  migrationChecksum,
  type PolyshiftError,
  type RunnerOptions,
  type StoreSession,
  up,
} from '@polyshift/core';
import { runEtl } from '@polyshift/etl';
import { dependencies, type FaultStage, failureOf, leaseMs } from './stage.ts';

type Command = typeof up | typeof down;
type Fault = (place: string) => void | Promise<void>;

const collection = 'people';
const rowCount = 60;

/** Operations that each go over all rows, of which each must be done once. */
const inputs: readonly AnyOperationInput[] = [
  { type: 'migrate_data', collection, data: { pipeline: [{ $set: { name: { $concat: ['$name', '!'] } } }] }, batch_size: 20 },
  { type: 'add_field', collection, data: { field_name: 'tier', type: 'text', default_value: 'gold' }, batch_size: 20 },
  { type: 'migrate_data', collection, data: { pipeline: [{ $set: { name: { $concat: ['$name', '?'] } } }] }, batch_size: 20 },
];

function migration(): Migration {
  const operations = inputs.map((input) => checkOperation(input));
  return { version: '1', name: 'faults', operations, checksum: migrationChecksum({ operations }), file: '1_faults.yaml' };
}

/** A collection `people` in a store, with a migration over it, and what it is before and after an undisturbed run. */
export class MigratedPeople {
  readonly before: Fingerprint;
  readonly after: Fingerprint;
  private readonly stage: FaultStage;
  private readonly migrations: readonly Migration[];

  private constructor(stage: FaultStage, migrations: readonly Migration[], before: Fingerprint, after: Fingerprint) {
    this.stage = stage;
    this.migrations = migrations;
    this.before = before;
    this.after = after;
  }

  /** Loads the rows, with names of at least so many characters, and runs the migration there and back once. */
  static async load(stage: FaultStage, nameLength = 0): Promise<MigratedPeople> {
    await stage.sql.query(`CREATE TABLE people (id int PRIMARY KEY, name text);
      INSERT INTO people SELECT i, repeat('x', ${nameLength}) || 'name ' || i FROM generate_series(1, ${rowCount}) AS i`);
    const steps = [
      { type: 'extract', source_table: 'people' },
      { type: 'load', target_table: collection },
    ];
    await runEtl(stage.spec(collection, steps), dependencies());
    const migrations = [migration()];
    const before = await stage.session.fingerprint(collection);
    await up({ session: stage.session, migrations });
    const after = await stage.session.fingerprint(collection);
    await down({ session: stage.session, migrations });
    return new MigratedPeople(stage, migrations, before, after);
  }

  /** What the collection is now. */
  now(): Promise<Fingerprint> {
    return this.stage.session.fingerprint(collection);
  }

  /** What commands work with: locks that do not outlive their runs for long, and patience with those that do. */
  runner(session: StoreSession = this.stage.session): RunnerOptions {
    return { session, migrations: this.migrations, lease_ttl_ms: leaseMs, wait_ms: 6 * leaseMs };
  }

  /** Runs a command through the proxy until a fault ends it, and gives the error. Closing what is left of its connection must end too. */
  async failing(command: Command, fault: Fault): Promise<PolyshiftError> {
    const error = await this.attempted(command, fault);
    if (!error) throw new Error('nothing was thrown');
    return error;
  }

  /** The same for a fault that a command may get over: undefined then. */
  async attempted(command: Command, fault: Fault): Promise<PolyshiftError | undefined> {
    const session = await this.stage.connect();
    const running = command({ ...this.runner(session), retries: 2, fault });
    const error = await running.then(
      () => undefined,
      () => failureOf(running),
    );
    await session.close().catch(() => undefined);
    return error;
  }
}
