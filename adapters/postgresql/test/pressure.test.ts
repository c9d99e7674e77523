import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { postgresql } from '../src/index.ts';
import { testDatabase } from './harness.ts';

/** A client that runs a statement until it is ended. */
async function sleeper(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  client.query('SELECT pg_sleep(600)').catch(() => undefined);
  return client;
}

describe('pressure', () => {
  it('counts the statements of others, those that idle and its own left out', async () => {
    await using database = await testDatabase();
    const { session } = database;
    const others = await Promise.all(Array.from({ length: 20 }, () => sleeper(database.url)));
    const idle = new Client({ connectionString: database.url });
    await idle.connect();
    // Five statements of the session itself.
    const own = Array.from({ length: 5 }, () => session.query!('SELECT pg_sleep(4)').catch(() => null));
    try {
      await expect.poll(async () => (await session.pressure!()).load, { timeout: 20_000 }).toBeGreaterThanOrEqual(20);
      // The session's own come over connections that are opened one after the other.
      const active = async () => {
        const rows = await database.sql(
          "SELECT count(*)::int AS count FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()",
        );
        return Number(rows[0]!['count']);
      };
      await expect.poll(active, { timeout: 3000 }).toBeGreaterThanOrEqual(25);
      // Other tests may use the server too; within this database nothing else runs.
      const elsewhere = await database.sql(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE state = 'active' AND datname <> current_database() AND backend_type = 'client backend'",
      );
      expect((await session.pressure!()).load).toBeLessThanOrEqual(20 + Number(elsewhere[0]!['count']) + 3);
      expect(await session.pressure!()).toMatchObject({ replica_lag_ms: 0 });
      expect(await session.pressure!()).not.toHaveProperty('unknown');
    } finally {
      await database.sql(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE $1',
        ['SELECT pg_sleep(600)'],
      );
      await Promise.allSettled([...others, idle].map((client) => client.end()));
      await Promise.all(own);
    }
    // All gone: what is left are others that use the server.
    await expect.poll(async () => (await session.pressure!()).load, { timeout: 20_000 }).toBeLessThan(20);
  });

  it('says what to grant where the user may not see what others do', async () => {
    const role = `reader_${randomUUID().slice(0, 8)}`;
    await using database = await testDatabase(`CREATE ROLE ${role} LOGIN`);
    try {
      const url = new URL(database.url);
      url.username = role;
      url.password = '';
      await using session = await postgresql.connect(url.href);
      expect(await session.pressure!()).toMatchObject({
        replica_lag_ms: 0,
        load: null,
        unknown: { load: expect.stringContaining('GRANT pg_read_all_stats') },
      });
      await database.sql(`GRANT pg_read_all_stats TO ${role}`);
      expect((await session.pressure!()).load).toBeTypeOf('number');
    } finally {
      await database.sql(`DROP ROLE ${role}`);
    }
  });
});
