import { randomUUID } from 'node:crypto';
import { type HistoryRecord, journalFormat } from '@polyshift/core';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { checkFence, Database } from '../src/database.ts';
import { postgresql } from '../src/index.ts';
import { testDatabase } from './harness.ts';

const holder = () => ({ id: randomUUID(), host: 'h', pid: 1, command: 'up' });

describe('the lock', () => {
  it('is taken by one of many who try at once, also where nothing exists yet', async () => {
    await using database = await testDatabase();
    await database.sql('DROP SCHEMA polyshift CASCADE');
    const sessions = await Promise.all(Array.from({ length: 6 }, () => postgresql.connect(database.url)));
    const results = await Promise.all(sessions.map((session) => session.locks.acquire('l', holder(), 60_000)));
    expect(results.filter((result) => result.acquired).length).toBe(1);
    for (const session of sessions) await session.close();
  });

  it('cannot be taken over, but can be renewed, while a fenced transaction of its holder is open', async () => {
    await using database = await testDatabase();
    const { locks } = database.session;
    const first = await locks.acquire('l', holder(), 60_000);
    if (!first.acquired) throw new Error('not acquired');
    const direct = await Database.connect(database.url);
    let taken: Awaited<ReturnType<typeof locks.acquire>> | undefined;
    let broken: Promise<unknown> | undefined;
    await direct.fenced({ lock: 'l', token: first.token }, async (connection) => {
      expect(await locks.renew('l', first.token, 1)).toBe(true);
      // The lease has ended by now, and still nobody may come in between.
      await connection.rows('SELECT pg_sleep(0.05)');
      taken = await locks.acquire('l', holder(), 60_000);
      broken = locks.breakLock('l');
      await checkFence(connection, { lock: 'l', token: first.token });
    });
    await broken;
    expect(taken).toMatchObject({ acquired: false, current: { token: first.token, expired: true } });
    await expect(direct.fenced({ lock: 'l', token: first.token }, async () => {})).rejects.toMatchObject({ code: 'LEASE_LOST' });
    const next = await locks.acquire('l', holder(), 60_000);
    expect(next).toMatchObject({ acquired: true });
    if (next.acquired) expect(next.token).toBeGreaterThan(first.token);
    await direct.close();
  });
});

describe('the journal', () => {
  it('has a column for each property of the history', async () => {
    await using database = await testDatabase();
    const record: HistoryRecord = {
      version: '0001',
      name: "it's",
      checksum: 'sha256:0',
      state: 'applied',
      is_running: false,
      started_at: '2024-01-01T00:00:00.123Z',
      applied_at: '2024-01-01T00:00:01.000Z',
      duration_ms: 1000.5,
      run_id: 'r',
      steps_done: 2,
      steps_total: 3,
      error: null,
      rank: 1,
      format: journalFormat,
    };
    await database.session.journal.put('history', '0001', record);
    expect(await database.session.journal.get('history', '0001')).toEqual(record);
    expect(
      await database.sql(
        "SELECT name, state, steps_done, applied_at - started_at > interval '0' AS later FROM polyshift.schema_migrations",
      ),
    ).toEqual([{ name: "it's", state: 'applied', steps_done: 2, later: true }]);
  });

  it('keeps keys and data of any letters', async () => {
    await using database = await testDatabase();
    const key = 'run/\u{1F600}\'"\\%_';
    const record = {
      key,
      data: { text: 'a\u0000b', deep: [{ n: 1e300 }], __proto__x: null },
      updated_at: '2024-01-01T00:00:00.000Z',
      format: journalFormat,
    };
    await database.session.journal.put('checkpoint', key, record);
    expect(await database.session.journal.get('checkpoint', key)).toEqual(record);
    expect(await database.session.journal.list('checkpoint', 'run/')).toEqual([record]);
    expect(await database.session.journal.list('checkpoint', 'run%')).toEqual([]);
  });

  it('of a newer format is refused', async () => {
    await using database = await testDatabase();
    await database.sql('UPDATE polyshift.meta SET format = format + 1');
    await using session = await postgresql.connect(database.url);
    await expect(session.journal.ensure()).rejects.toMatchObject({ code: 'JOURNAL_FORMAT' });
  });
});

it('leaves no connection behind', async () => {
  await using database = await testDatabase('CREATE TABLE t (id integer PRIMARY KEY)');
  const session = await postgresql.connect(database.url, { application_name: 'leaver' });
  const scan = await session.source!.scan({ collection: 't' });
  await scan[Symbol.asyncDispose]();
  await session.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const left = async () =>
    (await client.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'leaver'")).rows[0].n;
  await expect.poll(left).toBe(0);
  await client.end();
});
