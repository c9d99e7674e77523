import { startServer } from '@polyshift/testkit';
import { type Connection, createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { mysql } from '../src/index.ts';
import { servers } from './harness.ts';

const follow = {
  mysql: (port: string) => [
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${port}, SOURCE_USER = 'copier', SOURCE_PASSWORD = 'p', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1`,
    'START REPLICA',
  ],
  mariadb: (port: string) => [
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${port}, MASTER_USER = 'copier', MASTER_PASSWORD = 'p'`,
    'START SLAVE',
  ],
} as const;

async function on(url: string, statements: readonly string[]): Promise<void> {
  const connection: Connection = await createConnection(url);
  for (const statement of statements) await connection.query(statement);
  await connection.end();
}

describe.each(servers)('a replica of %s', (name) => {
  it('makes the lag unknown: the source does not know how far its replicas are', async () => {
    await using source = await startServer(name, { kinds: ['native'] });
    await using replica = await startServer(name, { kinds: ['native'], settings: { 'server-id': '2' } });
    await on(source.url, ["CREATE USER 'copier'@'%' IDENTIFIED BY 'p'", "GRANT REPLICATION SLAVE ON *.* TO 'copier'@'%'"]);
    await using session = await mysql.connect(source.url);
    expect((await session.pressure!()).replica_lag_ms).toBe(0);
    await on(replica.url, follow[name](new URL(source.url).port));
    await expect
      .poll(() => session.pressure!(), { timeout: 30_000 })
      .toMatchObject({
        replica_lag_ms: null,
        unknown: { replica_lag_ms: 'the server has 1 replica, and does not know its lag' },
      });
  });
});
