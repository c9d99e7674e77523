import mysql from 'mysql2/promise';
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

/** Errors that the server answers with when it ends a statement in the middle of going away: what it had done is not known. */
const goingAway = new Set([1053, 1077, 1079, 1317, 3169]);

/** Writes to a table of MySQL or MariaDB. */
export const openMysqlWriter: OpenWriter = async (url, table, field = 'note') => {
  const pool = mysql.createPool({ uri: url, connectionLimit: 16, connectTimeout: connectTimeoutMs });
  const name = mysql.escapeId(table);
  const note = mysql.escapeId(field);
  const connect = () => written(pool.getConnection(), () => true);
  const write = async (what: string, sql: string, values: readonly (string | number)[]): Promise<void> => {
    const connection = await connect();
    try {
      const [{ affectedRows }] = await connection.query<mysql.ResultSetHeader>({ sql, timeout: answerTimeoutMs }, [...values]);
      connection.release();
      // The driver asks for the rows that were found, not for those that were changed.
      expectOneRow(affectedRows, what);
    } catch (error) {
      // One that still waits for an answer would give it to the next statement.
      connection.destroy();
      throw error;
    }
  };
  const send = (what: string, sql: string, values: readonly (string | number)[]) => written(write(what, sql, values), refused);
  (await connect()).release();
  return {
    insert: (key, text) => send(`insert ${key}`, `INSERT INTO ${name} (id, ${note}) VALUES (?, ?)`, [key, text]),
    update: (key, text) => send(`update ${key}`, `UPDATE ${name} SET ${note} = ? WHERE id = ?`, [text, key]),
    remove: (key) => send(`remove ${key}`, `DELETE FROM ${name} WHERE id = ?`, [key]),
    async readAll() {
      const sql = `SELECT id, ${note} AS note FROM ${name}`;
      const [rows] = await pool.query<mysql.RowDataPacket[]>(sql);
      return notesByKey(rows.map((row) => [Number(row['id']), row['note'] as string | null]));
    },
    [Symbol.asyncDispose]: () => pool.end(),
  } satisfies LiveWriter;
};

/** An error that the server answers with has undone its statement. */
function refused(error: unknown): boolean {
  const { errno, sqlState } = error as { errno?: unknown; sqlState?: unknown };
  if (typeof sqlState === 'string' && typeof errno === 'number') return !goingAway.has(errno) && !sqlState.startsWith('08');
  return neverSent(error);
}
