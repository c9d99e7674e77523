import pg from 'pg';
import {
  answerTimeoutMs,
  connectTimeoutMs,
  expectOneRow,
  type LiveWriter,
  neverSent,
  notesByKey,
  type OpenWriter,
  written,
} from './writer.ts';

/** Writes to a table of PostgreSQL. */
export const openPostgresqlWriter: OpenWriter = async (url, table, field = 'note') => {
  const pool = new pg.Pool({
    connectionString: url,
    max: 16,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: answerTimeoutMs,
    application_name: 'writer',
  });
  // A connection that is lost while nobody uses it: the next write gets another one.
  pool.on('error', () => undefined);
  await pool.query('SELECT 1');
  const name = pg.escapeIdentifier(table);
  const note = pg.escapeIdentifier(field);
  const write = async (what: string, sql: string, values: readonly unknown[]): Promise<void> => {
    const { rowCount } = await written(pool.query(sql, [...values]), refused);
    expectOneRow(rowCount, what);
  };
  return {
    insert: (key, text) => write(`insert ${key}`, `INSERT INTO ${name} (id, ${note}) VALUES ($1, $2)`, [key, text]),
    update: (key, text) => write(`update ${key}`, `UPDATE ${name} SET ${note} = $2 WHERE id = $1`, [key, text]),
    remove: (key) => write(`remove ${key}`, `DELETE FROM ${name} WHERE id = $1`, [key]),
    async readAll() {
      const { rows } = await pool.query<[string, string | null]>({ text: `SELECT id, ${note} FROM ${name}`, rowMode: 'array' });
      return notesByKey(rows.map(([key, text]) => [Number(key), text]));
    },
    [Symbol.asyncDispose]: () => pool.end(),
  } satisfies LiveWriter;
};

/** An error that the server answers with ends the transaction of the statement. Class 08 is that of the connection, which says nothing of it. */
function refused(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return !(error.code ?? '08').startsWith('08');
  return neverSent(error);
}
