import { Client } from 'cassandra-driver';
import { expect, test } from 'vitest';
import { parseCassandraUrl } from '../src/servers/cassandra-connection.ts';
import { testLifecycle } from './server-lifecycle.ts';

async function withClient<T>(url: string, use: (client: Client, keyspace: string) => Promise<T>): Promise<T> {
  const { host, pathname, searchParams } = new URL(url);
  const localDataCenter = searchParams.get('local_datacenter') ?? '';
  const client = new Client({ contactPoints: [host], localDataCenter, socketOptions: { readTimeout: 60_000 } });
  try {
    return await use(client, pathname.slice(1));
  } finally {
    await client.shutdown();
  }
}

testLifecycle({
  store: 'cassandra',
  description: /^Cassandra \d+\.\d+\.\d+, from Maven$/,
  url: /^cassandra:\/\/127\.0\.0\.1:\d+\?local_datacenter=datacenter1$/,
  put: (url, value) =>
    withClient(url, async (client, keyspace) => {
      await client.execute(`CREATE TABLE IF NOT EXISTS ${keyspace}.kept (id int PRIMARY KEY, value int)`);
      await client.execute(`INSERT INTO ${keyspace}.kept (id, value) VALUES (1, ?)`, [value], { prepare: true });
    }),
  get: (url) =>
    withClient(url, async (client, keyspace) => {
      const { rows } = await client.execute(`SELECT value FROM ${keyspace}.kept WHERE id = 1`);
      return rows[0]?.['value'];
    }),
  names: (url, name) =>
    withClient(url, async (client) => {
      const { rows } = await client.execute('SELECT keyspace_name FROM system_schema.keyspaces');
      return rows.map((row) => String(row['keyspace_name'])).filter((keyspace) => keyspace.startsWith(name));
    }),
});

test.each([
  ['cassandra://h:9042', { contactPoints: ['h:9042'], localDataCenter: 'datacenter1' }],
  ['cassandra://h:1,i:2/k?local_datacenter=dc2', { contactPoints: ['h:1', 'i:2'], localDataCenter: 'dc2' }],
  [
    'cassandra://u:p%40q@h:9042/k',
    { contactPoints: ['h:9042'], localDataCenter: 'datacenter1', credentials: { username: 'u', password: 'p@q' } },
  ],
])('parseCassandraUrl understands %s', (url, expected) => {
  expect(parseCassandraUrl(url)).toEqual(expected);
});
