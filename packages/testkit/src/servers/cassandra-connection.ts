import type { Client } from 'cassandra-driver';

/** What a URL of the form `cassandra://USER:PASSWORD@HOST:PORT,HOST:PORT/KEYSPACE?local_datacenter=NAME` says. */
export interface CassandraAddress {
  readonly contactPoints: readonly string[];
  /** Default `datacenter1`, the name of a new server. */
  readonly localDataCenter: string;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** @throws Error when it is not such a URL. */
export function parseCassandraUrl(url: string): CassandraAddress {
  const parts = /^cassandra:\/\/(?:([^@/]*)@)?([^/?@]+)(?:\/[^?]*)?(?:\?(.*))?$/.exec(url);
  if (parts === null) throw new Error('not a URL of the form cassandra://HOST:PORT/KEYSPACE?local_datacenter=NAME');
  const [, user, hosts = '', query = ''] = parts;
  const [username = '', password = ''] = (user ?? '').split(':').map(decodeURIComponent);
  return {
    contactPoints: hosts.split(','),
    localDataCenter: new URLSearchParams(query).get('local_datacenter') ?? 'datacenter1',
    ...(user !== undefined && { credentials: { username, password } }),
  };
}

/** Opens a client for a URL (see {@link parseCassandraUrl}) without a keyspace, runs `use` with it and closes it. */
export async function withCassandra<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const { Client: CassandraClient } = await import('cassandra-driver');
  const { contactPoints, localDataCenter, credentials } = parseCassandraUrl(url);
  const client = new CassandraClient({
    contactPoints: [...contactPoints],
    localDataCenter,
    ...(credentials && { credentials }),
    // Changes of the schema can take seconds on a busy machine.
    socketOptions: { connectTimeout: 10_000, readTimeout: 60_000 },
  });
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.shutdown();
  }
}
