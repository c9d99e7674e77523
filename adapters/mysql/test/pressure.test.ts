import { describe, expect, it } from 'vitest';
import { mysql } from '../src/index.ts';
import { server, servers, TestDatabase } from './harness.ts';

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
