import { isPolyshiftError } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import { literal } from '../identifiers.ts';

/** How many sessions a message names. */
const shown = 3;

/**
 * The sessions that keep a statement of definition waiting, for people: `session 12 (app@10.0.0.7, open for 340 s)`. Of the locks themselves where the
 * server keeps books of them and the account may look, else the transactions that have been open the longest. Empty where nothing is known.
 */
export async function blockers(connection: Connection, schema: string, tables: readonly string[]): Promise<string[]> {
  const names = tables.map(literal).join(', ');
  const holders = `SELECT t.processlist_id AS id, t.processlist_user AS user, t.processlist_host AS host, t.processlist_time AS seconds
    FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id
    WHERE l.object_type = 'TABLE' AND l.object_schema = ${literal(schema)} AND l.object_name IN (${names}) AND l.lock_status = 'GRANTED'
      AND t.processlist_id <> CONNECTION_ID() GROUP BY 1, 2, 3, 4 ORDER BY seconds DESC LIMIT ${shown}`;
  const oldest = `SELECT p.id AS id, p.user AS user, p.host AS host, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS seconds
    FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
    WHERE p.id <> CONNECTION_ID() AND p.db <=> ${literal(schema)} ORDER BY t.trx_started LIMIT ${shown}`;
  const found = [...(await tried(connection, holders)), ...(await tried(connection, oldest))];
  const unique = [...new Map(found.map((each) => [each.id, each])).values()].slice(0, shown);
  return unique.map(({ id, user, host, seconds }) => `session ${id} (${user}@${host ?? '?'}, open for ${seconds ?? '?'} s)`);
}

interface Session {
  id: string | number;
  user: string;
  host: string | null;
  seconds: string | number | null;
}

/** A table that this server or account does not have gives nothing. */
async function tried(connection: Connection, sql: string): Promise<Session[]> {
  try {
    return await connection.rows<Session>(sql);
  } catch (error) {
    if (isPolyshiftError(error) && error.code !== 'CONNECTION_LOST') return [];
    throw error;
  }
}
