import { type ConnectOptions, defineAdapter, type JsonObject, PolyshiftError, type ServerInfo } from '@polyshift/core';
import { Client, type DseClientOptions } from 'cassandra-driver';
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
  ca_option: 'driver.sslOptions.ca',
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
    await withTimeout(client, options.connect_timeout_ms ?? 10_000);
    const [server, rowBytes] = await Promise.all([askServer(client), askRowBytes(client)]);
    // What routes statements to the nodes that hold their rows: of this keyspace alone, not of all there are.
    await client.metadata.refreshKeyspace(address.keyspace);
    return { client, keyspace: address.keyspace, server, levels: levelsOf(address), rowBytes, tables: new Map() };
  } catch (error) {
    await giveUp(client);
    throw connectionError(error);
  }
}

function clientOptions(address: Address, options: ConnectOptions): DseClientOptions {
  return {
    applicationName: options.application_name ?? 'polyshift',
    socketOptions: { connectTimeout: options.connect_timeout_ms ?? 10_000, readTimeout: requestMs },
    protocolOptions: { maxSchemaAgreementWaitSeconds: 30 },
    // Statements have names of tables and columns in their texts; a migration has no thousands of them.
    maxPrepared: 2000,
    ...(options.driver as JsonObject | undefined),
    ...checkedTls(address, options),
    contactPoints: [...address.contactPoints],
    localDataCenter: address.localDataCenter,
    ...(address.credentials ? { credentials: address.credentials } : {}),
    // For scripts, whose names of tables stand alone; everything else names the keyspace.
    keyspace: address.keyspace,
    // Schemas are read when they are asked for: those of all keyspaces are a great deal, and never wanted.
    isMetadataSyncEnabled: false,
    // The coordinator's clock: conditional writes have it too, and a machine whose clock is behind would write into the past.
    policies: { timestampGeneration: null as never },
    // Nothing of a value may be lost on the way; see values/from-driver.ts.
    encoding: { useBigIntAsLong: true, useBigIntAsVarint: true, map: Map },
  };
}

/** The driver takes any certificate unless it is told to check it. */
function checkedTls({ tls }: Address, { driver }: ConnectOptions): DseClientOptions {
  const given = driver?.['sslOptions'] as JsonObject | null | undefined;
  return tls || given ? { sslOptions: { rejectUnauthorized: true, ...given } } : {};
}

/** What the node says of itself. Throws CONNECTION_FAILED for a cluster whose tokens are not those that scans go by. */
async function askServer(client: Client): Promise<ServerInfo> {
  const { rows } = await client.execute('SELECT release_version, partitioner FROM system.local');
  const row = rows[0]!;
  if (!String(row['partitioner']).endsWith('Murmur3Partitioner'))
    throw new PolyshiftError(
      'CONNECTION_FAILED',
      `the cluster has the ${row['partitioner']}, and scans go by the tokens of Murmur3Partitioner`,
    );
  return { product: 'Cassandra', version: String(row['release_version']), stand_in: false, features: {} };
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
async function withTimeout(client: Client, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const connecting = client.connect();
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      // What comes after all is not wanted any more.
      connecting.then(() => client.shutdown()).catch(() => undefined);
      reject(new PolyshiftError('CONNECTION_FAILED', `no answer within ${milliseconds} ms`));
    }, milliseconds);
  });
  try {
    await Promise.race([connecting, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends a client whose connecting has failed: `shutdown` then leaves the first connection open, which is in no pool yet and would keep the
 * process alive. The driver has no other way to it.
 */
async function giveUp(client: Client): Promise<void> {
  type Closing = { close?: () => unknown } | null;
  const { controlConnection } = client as unknown as { controlConnection?: { shutdown?: () => void; connection?: Closing } };
  controlConnection?.shutdown?.();
  controlConnection?.connection?.close?.();
  await client.shutdown().catch(() => undefined);
}

function connectionError(error: unknown): PolyshiftError {
  const { code } = classify(error);
  const known = code === 'AUTHENTICATION_FAILED' || code === 'PERMISSION_DENIED' ? code : 'CONNECTION_FAILED';
  const { message } = toPolyshiftError(error);
  const hint = /keyspace \S+ does(?: not|n't) exist/i.test(message)
    ? 'Create the keyspace first: its replication is yours to decide. In a URL its name is as the store lists it, lower case unless it was quoted.'
    : 'Check hosts, ports and local_datacenter of the URL, and that the cluster runs.';
  return new PolyshiftError(known, `Cassandra: ${message}`, { cause: error, ...(known === 'CONNECTION_FAILED' ? { hint } : {}) });
}
