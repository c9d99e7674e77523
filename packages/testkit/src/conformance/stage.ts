import {
  type Adapter,
  type AnyOperationInput,
  checkOperation,
  type Migration,
  migrationChecksum,
  type Operation,
  type StoreSession,
  up,
} from '@polyshift/core';
import type { ConformanceOptions, ConformanceServer, Scenario } from './options.ts';
import { seed } from './seed.ts';

/** A database of a test's own, with the adapter connected to it. */
export class Stage implements AsyncDisposable {
  session: StoreSession;
  readonly url: string;
  private readonly adapter: Adapter;
  private readonly drop: () => Promise<void>;

  private constructor(adapter: Adapter, database: { url: string; drop(): Promise<void> }, session: StoreSession) {
    this.adapter = adapter;
    this.url = database.url;
    this.drop = () => database.drop();
    this.session = session;
  }

  /** An empty database. */
  static async empty(adapter: Adapter, server: ConformanceServer): Promise<Stage> {
    const database = await server.fresh();
    return new Stage(adapter, database, await adapter.connect(database.url));
  }

  /** A database with the seed rows in `items`, and the earlier operations of a scenario applied. */
  static async seeded(
    adapter: Adapter,
    server: ConformanceServer,
    options: ConformanceOptions,
    scenario?: Scenario,
  ): Promise<Stage> {
    const stage = await Stage.empty(adapter, server);
    await seed(stage.session, options.key ?? 'id');
    if (scenario?.before) await up({ session: stage.session, migrations: [migration('1', scenario.before)] });
    return stage;
  }

  /** A second connection, as another process would have; by another URL of the same database where one is given. */
  async connectAgain(url = this.url): Promise<StoreSession> {
    return this.adapter.connect(url);
  }

  /** Leaves the connection of a killed run behind and goes on with a new one. */
  async reconnect(): Promise<void> {
    await this.session.close();
    this.session = await this.connectAgain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.drop();
  }
}

/** A migration of checked operations, as if it had been read from a file. */
export function migration(version: string, inputs: readonly AnyOperationInput[]): Migration {
  const operations: Operation[] = inputs.map((input) => checkOperation(input));
  return {
    version,
    name: `conformance_${version}`,
    operations,
    checksum: migrationChecksum({ operations }),
    file: `${version}_conformance.json`,
  };
}

/** The migrations of a scenario: what comes before it as version 1, the operation itself as version 2. */
export function migrationsOf(scenario: Scenario): Migration[] {
  return [...(scenario.before ? [migration('1', scenario.before)] : []), migration('2', [scenario.operation])];
}
