import { Connection, type Database } from '../database.ts';

/**
 * The database for handlers that work on a table which is empty and which nobody uses: indexes are built and dropped in the plain way there, because
 * CONCURRENTLY would wait for every transaction of the database that is older.
 */
export function withPlainIndexes(database: Database): Database {
  const plain = Object.create(database) as Database;
  plain.dedicated = (work) => database.dedicated((connection) => work(new PlainConnection(connection.client)));
  return plain;
}

class PlainConnection extends Connection {
  override execute(text: string, values?: readonly unknown[]): Promise<number> {
    return super.execute(text.replace(/^(CREATE (?:UNIQUE )?INDEX|DROP INDEX) CONCURRENTLY /, '$1 '), values);
  }
}
