import type { Connection, RowDataPacket } from 'mysql2/promise';

/** Opens a connection to MySQL or MariaDB, runs `use` with it and closes it. */
export async function withMysql<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({ uri: url, connectTimeout: 10_000 });
  try {
    return await use(connection);
  } finally {
    connection.destroy();
  }
}

/** Product and version, for example `MySQL 8.0.33` or `MariaDB 10.11.19`. */
export async function describeMysql(url: string): Promise<string> {
  return await withMysql(url, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    const version: string = rows[0]?.['version'] ?? '';
    return `${version.includes('MariaDB') ? 'MariaDB' : 'MySQL'} ${/^[\d.]+/.exec(version)?.[0] ?? ''}`.trim();
  });
}
