import { keepThrottle, type RunEvent, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { mysql } from '../src/index.ts';
import { migrationOf, server, servers, TestDatabase } from './harness.ts';

describe.each(servers)('pressure on %s', async (name) => {
  const running = await server(name);

  it('grows with each statement that others run, and knows that there is no replica', async () => {
    await using database = await TestDatabase.on(running);
    const { session } = database;
    const before = (await session.pressure!()).load!;
    const others = await Promise.all(Array.from({ length: 20 }, () => database.connect()));
    try {
      // Those that are connected and do nothing do not count.
      expect((await session.pressure!()).load).toBeLessThan(before + 20);
      for (const other of others) other.query('SELECT SLEEP(600)').catch(() => undefined);
      // Other tests may use the server too: what counts is that all of these are seen, and little else.
      await expect.poll(async () => (await session.pressure!()).load, { timeout: 20_000 }).toBeGreaterThanOrEqual(20);
      expect((await session.pressure!()).load).toBeLessThan(before + 30);
      expect(await session.pressure!()).toMatchObject({ replica_lag_ms: 0 });
    } finally {
      const ids = await database.sql(
        "SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(600)' AND db = DATABASE()",
      );
      for (const [id] of ids) await database.sql(`KILL ${id}`);
      for (const other of others) other.destroy();
    }
    await expect.poll(async () => (await session.pressure!()).load, { timeout: 20_000 }).toBeLessThan(20);
  });

  it('holds a run whose limit is exceeded, whose lock nobody else gets meanwhile', async () => {
    await using database = await TestDatabase.on(running);
    await database.sql('CREATE TABLE numbers (id INT PRIMARY KEY, n INT NOT NULL)');
    await database.sql('INSERT INTO numbers VALUES (1, 0), (2, 0), (3, 0)');
    await using other = await mysql.connect(database.url);
    const sleepers = await Promise.all(Array.from({ length: 20 }, () => database.connect()));
    for (const sleeper of sleepers) sleeper.query('SELECT SLEEP(600)').catch(() => undefined);
    try {
      await keepThrottle(other.journal, { max_load: 15 });
      await expect.poll(async () => (await other.pressure!()).load, { timeout: 20_000 }).toBeGreaterThanOrEqual(20);
      const migrations = [
        migrationOf([{ type: 'migrate_data', collection: 'numbers', data: { set: { n: 'n + 1' } }, batch_size: 1 }]),
      ];
      const events: RunEvent[] = [];
      const { session } = database;
      const run = up({ session, migrations, lease_ttl_ms: 1500, emit: (event) => void events.push(event) });
      run.catch(() => undefined);
      await expect
        .poll(() => events.at(-1), { timeout: 20_000 })
        .toMatchObject({ kind: 'throttled', reason: expect.stringMatching(/^load \d+ > 15$/) });
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await expect(up({ session: other, migrations })).rejects.toMatchObject({ code: 'LOCKED' });
      expect(await database.sql('SELECT SUM(n) FROM numbers')).toEqual([['0']]);
      await keepThrottle(other.journal, { max_load: null });
      await run;
      expect(await database.sql('SELECT SUM(n) FROM numbers')).toEqual([['3']]);
    } finally {
      const ids = await database.sql(
        "SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(600)' AND db = DATABASE()",
      );
      for (const [id] of ids) await database.sql(`KILL ${id}`);
      for (const sleeper of sleepers) sleeper.destroy();
    }
  });

  it('says what to grant where the user may not see whether there are replicas', async () => {
    await using database = await TestDatabase.on(running);
    const user = `reader_${Math.random().toString(36).slice(2, 10)}`;
    await database.sql(`CREATE USER '${user}'@'%' IDENTIFIED BY 'p'`);
    try {
      await database.sql(`GRANT ALL ON \`${new URL(database.url).pathname.slice(1)}\`.* TO '${user}'@'%'`);
      const url = new URL(database.url);
      url.username = user;
      url.password = 'p';
      await using session = await mysql.connect(url.href);
      expect(await session.pressure!()).toMatchObject({
        replica_lag_ms: null,
        load: expect.any(Number),
        unknown: { replica_lag_ms: expect.stringContaining('GRANT') },
      });
    } finally {
      await database.sql(`DROP USER '${user}'@'%'`);
    }
  });
});
