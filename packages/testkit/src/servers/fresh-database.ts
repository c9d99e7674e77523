import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { Client, escapeIdentifier } from 'pg';
import type { ServerStore, TestServer } from './server.ts';

/** A database of its own on a shared server. Dropped by {@link FreshDatabase.drop} or by `await using`. */
export interface FreshDatabase extends AsyncDisposable {
  /** The database's name, unique on the server. */
  readonly name: string;
  /** The server's URL with this database in it. */
  readonly url: string;
  /** Drops the database with all it holds, also while others are connected to it. May be called more than once. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database, so that tests that share a server do not see each other.
 * @param server The server, or only its store and URL where the server was started by another process.
 * @param name The beginning of the database's name; a random part is added. Default `test`.
 * @throws the driver's error when the server does not answer or the user may not create databases.
 */
export async function freshDatabase(server: Pick<TestServer, 'store' | 'url'>, name = 'test'): Promise<FreshDatabase> {
  // PostgreSQL cuts names at 63 bytes, MongoDB refuses more than 63 and some characters.
  const unique = `${name
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, 40)}_${randomBytes(6).toString('hex')}`;
  const { create, drop } = databases[server.store];
  await create(server.url, unique);
  let dropped: Promise<void> | undefined;
  const dropOnce = async (): Promise<void> => {
    dropped ??= drop(server.url, unique);
    await dropped;
  };
  return { name: unique, url: withDatabase(server.url, unique), drop: dropOnce, [Symbol.asyncDispose]: dropOnce };
}

const databases = {
  postgresql: {
    create: (url: string, name: string) => runSql(url, `CREATE DATABASE ${escapeIdentifier(name)}`),
    drop: (url: string, name: string) => runSql(url, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`),
  },
  mongodb: {
    // A MongoDB database comes into being with its first document.
    create: async () => {},
    drop: async (url: string, name: string) => {
      const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
      try {
        await client.db(name).dropDatabase();
      } finally {
        await client.close();
      }
    },
  },
} satisfies Record<
  ServerStore,
  { create(url: string, name: string): Promise<void>; drop(url: string, name: string): Promise<void> }
>;

async function runSql(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Puts a database's name into a connection URL. Works on the text, because URLs with several hosts are no URLs to `new URL`.
 * MongoDB looks for the user in the URL's database unless told otherwise: that stays as it was.
 */
export function withDatabase(url: string, name: string): string {
  const parts = /^([a-z+]+:\/\/[^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url);
  if (parts === null) throw new Error('not a connection URL with a scheme and a host');
  const [, head = '', before = '', query = ''] = parts;
  const parameters = query === '' ? [] : [query];
  if (head.startsWith('mongodb') && head.includes('@') && !/(^|&)authSource=/.test(query)) {
    parameters.push(`authSource=${before || 'admin'}`);
  }
  return `${head}/${encodeURIComponent(name)}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}
