import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clearThrottle,
  down,
  keepThrottle,
  type Migration,
  type RunEvent,
  type RunnerOptions,
  readThrottle,
  type StoreSession,
  unlock,
  up,
} from '@polyshift/core';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { migration, onStore, stores, type TestStore } from './stores.ts';

const rows = 60;

/** A collection of rows whose `n` is `id`, and a migration that adds 1 to each, row by row: done twice or not at all, a row shows it. */
function numbers({ key }: TestStore): Migration[] {
  const fields = [
    { name: key, type: 'int32', nullable: false },
    { name: 'n', type: 'int32' },
  ];
  const ids = Array.from({ length: rows }, (_, index) => index + 1);
  return [
    migration('1', [
      { type: 'create_collection', collection: 'numbers', data: { fields, key: [key] } },
      { type: 'load', collection: 'numbers', data: { rows: ids.map((id) => ({ [key]: id, n: 0 })), key: [key] } },
    ]),
    migration('2', [
      { type: 'migrate_data', collection: 'numbers', data: { pipeline: [{ $set: { n: { $add: ['$n', 1] } } }] }, batch_size: 1 },
    ]),
  ];
}

/** A run of `up` over many small batches, with what it has told so far. */
class Running {
  readonly stop = new AbortController();
  readonly events: RunEvent[] = [];
  readonly result: Promise<unknown>;
  private readonly session: StoreSession;

  constructor(session: StoreSession, migrations: Migration[], options: Partial<RunnerOptions> = {}) {
    this.session = session;
    this.result = up({
      session,
      migrations,
      pause_ms: 20,
      signal: this.stop.signal,
      emit: (event) => void this.events.push(event),
      ...options,
    });
    this.result.catch(() => undefined);
  }

  get batches(): number {
    return this.events.filter(({ kind }) => kind === 'progress').length;
  }

  get waits() {
    return this.events.flatMap((event) => (event.kind === 'throttled' ? [event] : []));
  }

  /** Rows that are changed in the store. */
  async changed(): Promise<number> {
    return await this.session.count('numbers', { n: 1 });
  }

  /** Until it has told that it waits, for a reason like this. */
  async waiting(reason: RegExp): Promise<void> {
    await expect
      .poll(() => this.waits.at(-1), { timeout: 20_000 })
      .toMatchObject({ waiting: true, reason: expect.stringMatching(reason) });
  }

  /** Proves that nothing goes on for so long: no batch is told, and no row changes. */
  async standsStill(ms: number): Promise<void> {
    const [batches, changed] = [this.batches, await this.changed()];
    expect(changed).toBeLessThan(rows);
    await new Promise((resolve) => setTimeout(resolve, ms));
    expect([this.batches, await this.changed()]).toEqual([batches, changed]);
  }
}

async function prepared(store: TestStore, work: (session: StoreSession, other: StoreSession, url: string) => Promise<void>) {
  await onStore(store, async (session, url) => {
    await up({ session, migrations: numbers(store) }, { to: '1' });
    const other = await store.adapter.connect(url);
    try {
      await work(session, other, url);
    } finally {
      await other.close();
    }
  });
}

async function expectAddedOnce(session: StoreSession): Promise<void> {
  expect(await session.count('numbers', { n: 1 })).toBe(rows);
}

describe.each(stores)('throttling on $name', (store) => {
  it('is held by another session in the middle, keeps its lease, and goes on when that says so', async () => {
    await prepared(store, async (session, other) => {
      const migrations = numbers(store);
      const run = new Running(session, migrations, { lease_ttl_ms: 1500 });
      await expect.poll(() => run.batches, { timeout: 20_000 }).toBeGreaterThan(3);
      await keepThrottle(other.journal, { paused: true });
      await run.waiting(/^held by `polyshift throttle --hold`$/);
      // Longer than two leases: without a heartbeat the lock would be free.
      await run.standsStill(3500);
      await expect(up({ session: other, migrations })).rejects.toMatchObject({ code: 'LOCKED', exit: 4 });
      await keepThrottle(other.journal, { paused: false });
      await run.result;
      expect(run.waits.at(-1)).toMatchObject({ waiting: false, direction: 'up', step: { version: '2', type: 'migrate_data' } });
      expect(run.waits.at(-1)!.waited_ms).toBeGreaterThan(3500);
      await expectAddedOnce(session);
    });
  });

  it('is held before its first batch where somebody has said so before, on the way back too', async () => {
    await prepared(store, async (session, other) => {
      await keepThrottle(other.journal, { paused: true });
      const run = new Running(session, numbers(store), { pause_ms: 0 });
      await run.waiting(/^held/);
      await run.standsStill(700);
      expect(await run.changed()).toBe(0);
      await clearThrottle(other.journal);
      await run.result;
      await keepThrottle(other.journal, { paused: true });
      const events: RunEvent[] = [];
      const back = down({ session, migrations: numbers(store), emit: (event) => void events.push(event) });
      await expect
        .poll(() => events.at(-1), { timeout: 20_000 })
        .toMatchObject({ kind: 'throttled', direction: 'down', waiting: true });
      await expectAddedOnce(session);
      await keepThrottle(other.journal, { paused: false });
      await back;
      expect(await session.count('numbers', { n: 1 })).toBe(0);
    });
  });

  it('waits while a query of the user says so, and while it fails', async () => {
    const count = (collection: string) =>
      store.name === 'mongodb'
        ? JSON.stringify({ aggregate: collection, pipeline: [{ $count: 'n' }] })
        : `SELECT count(*) FROM ${collection}`;
    await prepared(store, async (session, other) => {
      const broken = store.name === 'mongodb' ? '{"aggregate": "numbers", "pipeline": [{"$nonsense": 1}]}' : count('jobs');
      await keepThrottle(other.journal, { query: broken });
      const run = new Running(session, numbers(store), { pause_ms: 0 });
      await run.waiting(/^the query fails: .*(jobs|nonsense)/);
      await keepThrottle(other.journal, { query: count('numbers') });
      await run.waiting(/^the query gives "?60"?$/);
      await run.standsStill(700);
      await keepThrottle(other.journal, { query: null });
      await run.result;
      await expectAddedOnce(session);
    });
  });

  it('ends a pause that somebody shortens, and resumes a run that was stopped while it waited', async () => {
    await prepared(store, async (session, other) => {
      const run = new Running(session, numbers(store), { pause_ms: 600_000 });
      await expect.poll(() => run.batches, { timeout: 20_000 }).toBe(1);
      await keepThrottle(other.journal, { pause_ms: 0, paused: true });
      await run.waiting(/^held/);
      const stoppedAt = performance.now();
      run.stop.abort();
      await expect(run.result).rejects.toMatchObject({ code: 'STOPPED', exit: 5 });
      expect(performance.now() - stoppedAt).toBeLessThan(2000);
      await keepThrottle(other.journal, { paused: false });
      await new Running(session, numbers(store), { pause_ms: 600_000 }).result;
      await expectAddedOnce(session);
    });
  });

  it('stops while it waits when its lock is taken away', async () => {
    await prepared(store, async (session, other) => {
      await keepThrottle(other.journal, { paused: true });
      const run = new Running(session, numbers(store));
      await run.waiting(/^held/);
      await unlock(other);
      await expect(run.result).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await run.changed()).toBe(0);
    });
  });

  it('follows a file that changes while it works, and waits while nobody can read it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'polyshift-throttle-'));
    const file = join(folder, 'limits.yaml');
    try {
      await prepared(store, async (session, other) => {
        const throttle = { file, configuration: { paused: true } };
        const run = new Running(session, numbers(store), { throttle });
        await run.waiting(/^cannot read .*limits\.yaml/);
        await writeFile(file, 'pause_ms: 20\nmax_lode: 3\n');
        await run.waiting(/limits\.yaml:2:\d+: max_lode: unknown key/);
        await writeFile(file, 'pause_ms: 20\n');
        await run.waiting(/^held by the configuration$/);
        await writeFile(file, 'paused: false\npause_ms: 20\n');
        await expect.poll(() => run.batches, { timeout: 20_000 }).toBeGreaterThan(3);
        await writeFile(file, 'paused: true\n');
        await run.waiting(/^held by .*limits\.yaml$/);
        await run.standsStill(700);
        expect(await readThrottle(other, throttle)).toMatchObject({ settings: { paused: true }, from: { paused: 'file' } });
        await keepThrottle(other.journal, { paused: false });
        await run.result;
        await expectAddedOnce(session);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('sets each limit by itself, and forgets all at once', async () => {
    await prepared(store, async (session, other) => {
      expect(await readThrottle(session)).toMatchObject({ settings: {}, from: {}, journal_since: undefined });
      await keepThrottle(session.journal, { pause_ms: 5, max_load: 3 });
      await keepThrottle(other.journal, { max_load: null, query: 'x' });
      expect(await readThrottle(session)).toMatchObject({
        settings: { pause_ms: 5, query: 'x' },
        from: { pause_ms: 'journal', max_load: 'journal', query: 'journal' },
        journal_since: expect.stringMatching(/^\d{4}-/),
      });
      await clearThrottle(other.journal);
      await clearThrottle(other.journal);
      expect((await readThrottle(session)).given).toEqual({});
    });
  });
});

describe('the load of PostgreSQL', () => {
  const [postgresql] = stores as [TestStore, TestStore];
  const sleepers = 30;

  it('holds a run while more statements of others run than it may', async () => {
    await prepared(postgresql, async (session, other, url) => {
      const clients = await Promise.all(
        Array.from({ length: sleepers }, async () => {
          const client = new Client({ connectionString: url });
          await client.connect();
          client.query('SELECT pg_sleep(600)').catch(() => undefined);
          client.on('error', () => undefined);
          return client;
        }),
      );
      try {
        await expect.poll(async () => (await session.pressure!()).load, { timeout: 20_000 }).toBeGreaterThanOrEqual(sleepers);
        // Whoever else uses this server meanwhile does not count for much.
        await keepThrottle(other.journal, { max_load: sleepers - 1 });
        const run = new Running(session, numbers(postgresql), { pause_ms: 0 });
        await run.waiting(/^load \d+ > 29$/);
        await run.standsStill(700);
        expect(await run.changed()).toBe(0);
        await session.query!(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND datname = current_database()",
        );
        await run.result;
        await expectAddedOnce(session);
      } finally {
        await Promise.allSettled(clients.map((client) => client.end()));
      }
    });
  });
});
