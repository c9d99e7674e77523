import { type ConnectOptions, defineAdapter, PolyshiftError, type StoreSession } from '@polyshift/core';
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { capabilities } from './capabilities.ts';
import { classify, toPolyshiftError } from './errors.ts';
import { FeatureSearch } from './feature-search.ts';
import { type Features, serverInfo } from './features.ts';
import { openSession } from './session.ts';
import type { Store } from './store.ts';

/** The MongoDB adapter: a MongoDB, or a server that speaks its protocol, found out to do what it can. */
export const adapter = defineAdapter({
  store: 'mongodb',
  url_schemes: ['mongodb', 'mongodb+srv'],
  capabilities,
  ca_option: 'driver.ca (or tlsCAFile in the URL)',
  connect: async (url: string, options: ConnectOptions = {}) => connect(url, options),
  classify,
});

/**
 * Connects. The database is the one in the URL, `test` where it names none, as everywhere with MongoDB.
 *
 * @param without features that are taken for missing: how tests drive the ways around them
 * @throws PolyshiftError CONNECTION_FAILED or AUTHENTICATION_FAILED
 */
export async function connect(
  url: string,
  options: ConnectOptions = {},
  without: readonly (keyof Features)[] = [],
): Promise<StoreSession> {
  return openSession(await connectStore(url, options, without));
}

/** The connection below a session. */
export async function connectStore(
  url: string,
  options: ConnectOptions = {},
  without: readonly (keyof Features)[] = [],
): Promise<Store> {
  const timeout = options.connect_timeout_ms ?? 10_000;
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(url, {
      appName: options.application_name ?? 'polyshift',
      serverSelectionTimeoutMS: timeout,
      connectTimeoutMS: timeout,
      ...(options.driver as MongoClientOptions | undefined),
    });
    await client.connect();
    const db: Db = client.db();
    const search = new FeatureSearch(client, db, without);
    const features = options.read_only ? {} : await search.ready();
    return {
      client,
      db,
      search,
      server: await serverInfo(db, features),
      get features() {
        return search.known.features;
      },
      get maxStatements() {
        return search.known.maxStatements;
      },
    };
  } catch (error) {
    await client?.close().catch(() => undefined);
    throw connectionError(error);
  }
}

function connectionError(error: unknown): PolyshiftError {
  const { code } = classify(error);
  const known = code === 'AUTHENTICATION_FAILED' || code === 'PERMISSION_DENIED' ? code : 'CONNECTION_FAILED';
  return new PolyshiftError(known, `MongoDB: ${toPolyshiftError(error).message}`, {
    cause: error,
    ...(known === 'CONNECTION_FAILED'
      ? { hint: 'Check the host, the port and the TLS options of the URL, and that the server runs.' }
      : {}),
  });
}
