import { type ConnectOptions, defineAdapter, type JsonObject, PolyshiftError, type ServerInfo } from '@polyshift/core';
import { Client, type ClientOptions } from 'cassandra-driver';
import { type Address, parseAddress } from './address.ts';
import { capabilities } from './capabilities.ts';
import { levelsOf } from './cql/execute.ts';
import { classify, toPolyshiftError } from './errors.ts';
import { openSession } from './session.ts';
import type { Store } from './store.ts';

/** The Cassandra adapter: Apache Cassandra 4 and newer, one keyspace. */
export const adapter = defineAdapter({
  store: 'cassandra',
  url_schemes: ['cassandra'],
  capabilities,
  connect: async (url: string, options: ConnectOptions = {}) => openSession(await connectStore(url, options)),
  classify,
});

/** Milliseconds until a request that the server does not answer is given up; above all timeouts of its own. */
const requestMs = 30_000;

/** The connection below a session. Creates nothing. Throws CONNECTION_FAILED or AUTHENTICATION_FAILED. */
export async function connectStore(url: string, options: ConnectOptions = {}): Promise<Store> {
  const address = parseAddress(url);
  const client = new Client(clientOptions(address, options));
  try {
    await withTimeout(client.connect(), options.connect_timeout_ms ?? 10_000);
    const [server, rowBytes] = await Promise.all([askServer(client, address.keyspace), askRowBytes(client)]);
    // What routes statements to the nodes that hold their rows: of this keyspace alone, not of all there are.
    await client.metadata.refreshKeyspace(address.keyspace);
    return { client, keyspace: address.keyspace, server, levels: levelsOf(address), rowBytes, tables: new Map() };
  } catch (error) {
    await client.shutdown().catch(() => undefined);
    throw connectionError(error);
  }
}

function clientOptions(address: Address, options: ConnectOptions): ClientOptions {
  return {
    contactPoints: [...address.contactPoints],
    localDataCenter: address.localDataCenter,
    // For scripts, whose names of tables stand alone; everything else names the keyspace.
    keyspace: address.keyspace,
    ...(address.credentials ? { credentials: address.credentials } : {}),
    ...(address.tls ? { sslOptions: { rejectUnauthorized: true } } : {}),
    // Schemas are read when they are asked for: those of all keyspaces are a great deal, and never wanted.
    isMetadataSyncEnabled: false,
    // Names of columns in texts of statements are few; a migration has no thousands of them.
    maxPrepared: 2000,
    // The coordinator's clock: conditional writes have it too, and a machine whose clock is behind would write into the past.
    policies: { timestampGeneration: null as never },
    // Nothing of a value may be lost on the way; see values/from-driver.ts.
    encoding: { useBigIntAsLong: true, useBigIntAsVarint: true, map: Map },
    socketOptions: { connectTimeout: options.connect_timeout_ms ?? 10_000, readTimeout: requestMs },
    protocolOptions: { maxSchemaAgreementWaitSeconds: 30 },
    ...applicationName(options),
    ...(options.driver as JsonObject | undefined),
  };
}

function applicationName(options: ConnectOptions): object {
  return { applicationName: options.application_name ?? 'polyshift' };
}

/** What the node says of itself, and whether the keyspace is there. */
async function askServer(client: Client, keyspace: string): Promise<ServerInfo> {
  const [local, found] = await Promise.all([
    client.execute('SELECT release_version, partitioner FROM system.local'),
    client.execute('SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?', [keyspace], { prepare: true }),
  ]);
  if (found.rowLength === 0) {
    throw new PolyshiftError('CONNECTION_FAILED', `there is no keyspace ${keyspace}`, {
      hint: 'Create it first: its replication is for you to decide. Names in URLs are as the store lists them, lower case unless they were quoted.',
    });
  }
  const row = local.rows[0]!;
  return {
    product: 'Cassandra',
    version: String(row['release_version']),
    stand_in: false,
    features: { token_ranges: String(row['partitioner']).endsWith('Murmur3Partitioner') },
  };
}

/** What the server adds to the values of a row that it writes on a condition, at most: keys are a few more bytes, and so are names. */
const rowOverhead = 16_384;

/** Bytes of the values of a row, at most: a row is one mutation, which is at most half a segment of the commit log. */
async function askRowBytes(client: Client): Promise<number> {
  const asked = "SELECT value FROM system_views.settings WHERE name = 'max_mutation_size_in_kb'";
  const kilobytes = await client.execute(asked).then(
    ({ rows }) => Number(rows[0]?.['value'] ?? 16_384),
    // A server that does not tell, or not to this user.
    () => 16_384,
  );
  return kilobytes * 1024 - rowOverhead;
}

/** A driver that tries host after host has no limit for all of them. */
async function withTimeout(connecting: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new PolyshiftError('CONNECTION_FAILED', `no answer within ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    await Promise.race([connecting, late]);
  } finally {
    clearTimeout(timer);
    connecting.catch(() => undefined);
  }
}

function connectionError(error: unknown): PolyshiftError {
  const { code } = classify(error);
  const known = code === 'AUTHENTICATION_FAILED' || code === 'PERMISSION_DENIED' ? code : 'CONNECTION_FAILED';
  const message = toPolyshiftError(error).message;
  return new PolyshiftError(known, message.startsWith('Cassandra') ? message : `Cassandra: ${message}`, {
    cause: error,
    ...(known === 'CONNECTION_FAILED'
      ? { hint: 'Check hosts, ports, keyspace and local_datacenter of the URL, and that the cluster runs.' }
      : {}),
  });
}
