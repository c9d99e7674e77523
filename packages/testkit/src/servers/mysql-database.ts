import type { RowDataPacket } from 'mysql2/promise';
import { withDatabase } from './database-url.ts';
import { withMysql } from './mysql-connection.ts';
import type { DatabaseRecipe } from './server.ts';

/** A database of MySQL or MariaDB. */
export const mysqlDatabases: DatabaseRecipe = {
  create: (url, name) =>
    withMysql(url, async (connection) => {
      await connection.query(`CREATE DATABASE ${connection.escapeId(name)} CHARACTER SET utf8mb4`);
    }),
  drop: (url, name) =>
    withMysql(url, async (connection) => {
      // A transaction that somebody left open holds locks which DROP DATABASE would wait for.
      const others = 'SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()';
      const [rows] = await connection.query<RowDataPacket[]>(others, [name]);
      for (const { id, ID = id } of rows) await connection.query('KILL ?', [ID]).catch(ignoreGone);
      await connection.query('SET lock_wait_timeout = 10');
      await connection.query(`DROP DATABASE IF EXISTS ${connection.escapeId(name)}`);
    }),
  urlOf: withDatabase,
};

/** ER_NO_SUCH_THREAD: the connection has ended by itself. */
function ignoreGone(error: { errno?: number }): void {
  if (error.errno !== 1094) throw error;
}
