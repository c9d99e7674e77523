import { randomBytes } from 'node:crypto';
import type { TestServer } from './server.ts';
import { servers } from './start-server.ts';

/** A database of its own on a shared server. Dropped by {@link FreshDatabase.drop} or by `await using`. */
export interface FreshDatabase extends AsyncDisposable {
  /**
   * The database's name, unique on the server: lower-case letters, digits and underscores, at most 45. Where a store has no
   * databases, what its names begin with.
   */
  readonly name: string;
  /**
   * The server's URL with this database in it: the path (PostgreSQL, MySQL, MariaDB, MongoDB; the keyspace for Cassandra), or
   * a parameter with the beginning of every name (`table_prefix` for DynamoDB, `key_prefix` for Redis, `index_prefix` for
   * Elasticsearch).
   */
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
  // Cassandra refuses names of more than 48 characters, PostgreSQL and MongoDB of more than 63, and some of them capitals.
  const unique = `${name
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, 32)}_${randomBytes(6).toString('hex')}`;
  const { create, drop, urlOf } = servers[server.store].databases;
  await create(server.url, unique);
  let dropped: Promise<void> | undefined;
  const dropOnce = async (): Promise<void> => {
    dropped ??= drop(server.url, unique);
    await dropped;
  };
  return { name: unique, url: urlOf(server.url, unique), drop: dropOnce, [Symbol.asyncDispose]: dropOnce };
}
