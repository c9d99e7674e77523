import { randomUUID } from 'node:crypto';
import {
  type AnyOperationInput,
  type Check,
  checkOperation,
  type JsonObject,
  type JsonValue,
  type Migration,
  migrationChecksum,
  type Operation,
  type OperationHandler,
  operationRegistry,
  type Progress,
  type RunContext,
  type StoreSession,
} from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { Client } from 'pg';
import { inject } from 'vitest';
import { postgresql } from '../src/index.ts';

/** A database of its own, a session on it, and a client for what the test does beside polyshift. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly session: StoreSession;
  readonly client: Client;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
}

/** Makes a {@link TestDatabase} and runs SQL in it. */
export async function testDatabase(...setUp: string[]): Promise<TestDatabase> {
  const database = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'pg_adapter');
  const client = new Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  for (const statement of setUp) await client.query(statement);
  const session = await postgresql.connect(database.url);
  await session.journal.ensure();
  return {
    url: database.url,
    session,
    client,
    sql: async (text, values) => (await client.query(text, values)).rows,
    async [Symbol.asyncDispose]() {
      await client.end();
      await session.close();
      await database.drop();
    },
  };
}

/** Thrown at a fault point: stands for the death of the process. */
export class Killed extends Error {
  constructor(place: string) {
    super(`killed at ${place}`);
  }
}

/** Stands in for the runner: one step of one migration, with its undo record and checkpoint. */
export class StepDriver {
  readonly operation: Operation;
  readonly handler: OperationHandler;
  readonly notes: string[] = [];
  readonly progress: Progress[] = [];
  /** Places passed since the last start. */
  places: string[] = [];
  /** Die at the n-th fault point or guard of the next start; -1 never. */
  killAt = -1;
  undo: JsonObject | undefined;
  checkpoint: JsonValue | undefined;
  private readonly session: StoreSession;
  private readonly run: RunContext;

  private constructor(session: StoreSession, operation: Operation, token: number, lock: string, aside: string) {
    this.session = session;
    this.operation = operation;
    this.handler = session.operations[operation.type] as OperationHandler;
    const self = this;
    const pass = (place: string): void => {
      self.places.push(place);
      if (self.killAt === self.places.length - 1) throw new Killed(place);
    };
    this.run = {
      run_id: randomUUID(),
      version: '1',
      step: 0,
      aside,
      fence: { lock, token },
      signal: new AbortController().signal,
      get checkpoint() {
        return self.checkpoint;
      },
      save: async (checkpoint) => {
        self.checkpoint = JSON.parse(JSON.stringify(checkpoint)) as JsonValue;
        pass('saved');
      },
      guard: async () => pass('guard'),
      fault: async (place) => pass(place),
    };
  }

  static async create(
    session: StoreSession,
    input: AnyOperationInput & { collection?: string },
    aside = '0001_0',
  ): Promise<StepDriver> {
    const operation = operationRegistry[input.type].schema.parse(input) as Operation;
    const lock = `test-${randomUUID()}`;
    const holder = { id: randomUUID(), host: 'test', pid: process.pid, command: 'up' };
    const taken = await session.locks.acquire(lock, holder, 600_000);
    if (!taken.acquired) throw new Error('the lock of the test is taken');
    return new StepDriver(session, operation, taken.token, lock, aside);
  }

  get context(): RunContext {
    return this.run;
  }

  async plan() {
    return await this.handler.plan(this.operation, { schema: await this.session.introspect() });
  }

  async check(): Promise<Check[]> {
    return await this.handler.check(this.operation);
  }

  async prepare(): Promise<void> {
    this.undo ??= JSON.parse(JSON.stringify(await this.handler.prepare(this.operation, this.run))) as JsonObject;
  }

  async execute(): Promise<void> {
    await this.prepare();
    await this.drive(this.handler.execute(this.operation, this.undo!, this.run));
  }

  async verify(): Promise<Check[]> {
    return await this.handler.verify(this.operation, this.undo!, this.run);
  }

  /** Starts the way back as the runner does: with an empty checkpoint. */
  async rollback(): Promise<void> {
    this.checkpoint = undefined;
    await this.drive(this.handler.rollback(this.operation, this.undo!, this.run));
  }

  /** Goes on with a way back that was killed. */
  async resumeRollback(): Promise<void> {
    await this.drive(this.handler.rollback(this.operation, this.undo!, this.run));
  }

  async discard(): Promise<void> {
    await this.handler.discard(this.operation, this.undo!, this.run);
  }

  private async drive(steps: AsyncIterable<Progress>): Promise<void> {
    this.places = [];
    for await (const step of steps) {
      this.progress.push(step);
      if (step.note !== undefined) this.notes.push(step.note);
    }
  }
}

/** The checks that failed. */
export function failed(checks: readonly Check[]): Check[] {
  return checks.filter((check) => check.status === 'FAILED');
}

/** Names of what polyshift keeps aside in the database. */
export async function asideObjects(database: TestDatabase): Promise<unknown[]> {
  return await database.sql(
    `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'polyshift_aside%'
     UNION ALL SELECT aside FROM polyshift.step_marks
     UNION ALL SELECT attname FROM pg_attribute WHERE attname LIKE 'polyshift_aside%' AND NOT attisdropped`,
  );
}

/** A migration of checked operations, as if it had been read from a file. */
export function migrationOf(version: string, inputs: readonly AnyOperationInput[]): Migration {
  const operations = inputs.map((input) => checkOperation(input));
  return {
    version,
    name: `test_${version}`,
    operations,
    checksum: migrationChecksum({ operations }),
    file: `${version}_test.yaml`,
  };
}
