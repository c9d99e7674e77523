import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FreshDatabase, freshDatabase, loadUsers } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { type RunningCommand, startCommand } from '../command/command.ts';

/** The stores that the loads of these tests go to. */
export type FleetTarget = 'postgresql' | 'mongodb';

/** Rows of the source. */
export const rows = 20_000;

/** Chunks that a load is cut into. */
export const chunks = 20;

/** Rows per second of the whole fleet: so that there is time to kill something. */
const rowsPerSecond = 5000;

const queue = {
  type: 'bullmq',
  redis: '${FLEET_REDIS}',
  chunks,
  rows_per_second: rowsPerSecond,
  stalled_seconds: 2,
  retry_pause_ms: 200,
};

/** What is other than in a fleet over Redis. */
export interface SiteOptions {
  /** `engine` of the configuration. */
  readonly engine?: unknown;
  /** A module in TypeScript; its function `checked` is called with the id of each row. */
  readonly functions?: string;
}

/** A folder with configuration and spec, a source with rows, and an empty target. */
export class FleetSite implements AsyncDisposable {
  readonly folder: string;
  private readonly source: FreshDatabase;
  private readonly target: FreshDatabase;
  private readonly store: FleetTarget;
  private readonly redis: string | undefined;
  private readonly commands: RunningCommand[] = [];

  private constructor(parts: {
    folder: string;
    source: FreshDatabase;
    target: FreshDatabase;
    store: FleetTarget;
    redis: string | undefined;
  }) {
    this.folder = parts.folder;
    this.source = parts.source;
    this.target = parts.target;
    this.store = parts.store;
    this.redis = parts.redis;
  }

  static async open(
    store: FleetTarget,
    urls: { postgresql: string; mongodb: string; redis?: string },
    { engine = queue, functions }: SiteOptions = {},
  ): Promise<FleetSite> {
    const source = await freshDatabase({ store: 'postgresql', url: urls.postgresql }, 'fleet_from');
    const target = await freshDatabase({ store, url: urls[store] }, 'fleet_to');
    await loadUsers(source.url, { rows });
    const folder = await mkdtemp(join(tmpdir(), 'polyshift-fleet-'));
    const configuration = {
      stores: { from: { type: 'postgresql', url: '${FLEET_FROM}' }, to: { type: store, url: '${FLEET_TO}' } },
      lease_seconds: 3,
      engine,
    };
    const key = store === 'mongodb' ? '_id' : 'id';
    const spec = {
      name: 'users',
      source: { store: 'from' },
      target: { store: 'to' },
      steps: [
        { type: 'extract', source_table: 'users', batch_size: 250 },
        {
          type: 'transform',
          ...(functions === undefined ? {} : { functions: './functions.ts' }),
          transformation_rules: {
            [key]: 'id',
            full_name: { type: 'concatenate', fields: ['first_name', 'last_name'], separator: ' ' },
            balance: 'balance',
            ...(functions === undefined ? {} : { checked: { type: 'function', function: 'checked', args: ['id'] } }),
            created_at: 'created_at',
          },
        },
        { type: 'load', target_table: 'users', batch_size: 250, ...(store === 'mongodb' ? {} : { key: [key] }) },
      ],
    };
    await writeFile(join(folder, 'polyshift.config.json'), JSON.stringify(configuration));
    await writeFile(join(folder, 'users.json'), JSON.stringify(spec));
    if (functions !== undefined) await writeFile(join(folder, 'functions.ts'), functions);
    return new FleetSite({ folder, source, target, store, redis: urls.redis });
  }

  /** Starts a command in the folder; it is killed at the end, should it be there still. */
  start(...parameters: string[]): RunningCommand {
    // A small heap, so that a thread which takes all of it leaves the machine alone.
    const env = {
      NODE_OPTIONS: '--max-old-space-size=200',
      FLEET_FROM: this.source.url,
      FLEET_TO: this.target.url,
      FLEET_REDIS: this.redis ?? '',
    };
    const command = startCommand(this.folder, env, ...parameters);
    this.commands.push(command);
    return command;
  }

  /** Changes the source by SQL. */
  async change(sql: string): Promise<void> {
    const client = new Client({ connectionString: this.source.url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }

  /** Rows in the target. */
  async count(): Promise<number> {
    if (this.store === 'mongodb') {
      const client = await new MongoClient(this.target.url).connect();
      try {
        return await client.db().collection('users').countDocuments();
      } finally {
        await client.close();
      }
    }
    const client = new Client({ connectionString: this.target.url });
    await client.connect();
    try {
      const { rows: found } = await client.query<{ count: string }>(
        `SELECT CASE WHEN to_regclass('users') IS NULL THEN 0
           ELSE (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM users', false, true, '')))[1]::text::int END AS count`,
      );
      return Number(found[0]!.count);
    } finally {
      await client.end();
    }
  }

  /** Waits until the target has so many rows. */
  async loaded(wanted: number): Promise<void> {
    while ((await this.count()) < wanted) await sleep(100);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child, ended } of this.commands) {
      child.kill('SIGKILL');
      await ended;
    }
    await this.source.drop();
    await this.target.drop();
    await rm(this.folder, { recursive: true });
  }
}
