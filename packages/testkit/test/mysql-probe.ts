import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { StoreProbe } from './server-lifecycle.ts';

async function withConnection<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection(url);
  try {
    return await use(connection);
  } finally {
    await connection.end();
  }
}

/** MySQL and MariaDB by the driver mysql2. */
export const mysqlProbe: Omit<StoreProbe, 'store' | 'description'> = {
  url: /^mysql:\/\/root@127\.0\.0\.1:\d+\/test$/,
  put: (url, value) =>
    withConnection(url, async (connection) => {
      await connection.query('CREATE TABLE IF NOT EXISTS kept (id INT PRIMARY KEY, value INT)');
      await connection.execute('REPLACE INTO kept VALUES (1, ?)', [value]);
    }),
  get: (url) =>
    withConnection(url, async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT value FROM kept');
      return rows[0]?.['value'];
    }),
  names: (url, name) =>
    withConnection(url, async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>('SHOW DATABASES');
      return rows.map((row) => String(row['Database'])).filter((database) => database.startsWith(name));
    }),
};
