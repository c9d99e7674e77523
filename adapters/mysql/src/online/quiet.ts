import { isPolyshiftError, pause } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import { literal } from '../identifiers.ts';

/** The server renews what it shows of transactions every 100 ms. */
const lookMs = 120;
const looks = 8;

/** The tables that a statement of definition is about. */
export interface DefinedTables {
  readonly schema: string;
  readonly tables: readonly string[];
}

/**
 * Waits a second at most for an instant in which no transaction is open that may have used the tables. A statement of definition that waits makes MySQL end a
 * transaction which has read the table and now writes it, by the error of a deadlock: the less it waits, the fewer meet that.
 *
 * @param own sessions of this run, whose transactions do not count
 * @returns whether there was one; true too where the account may not look
 */
export async function quietInstant(connection: Connection, of: DefinedTables, own: readonly string[]): Promise<boolean> {
  for (let look = 0; look < looks; look++) {
    const busy = (await holders(connection, of, own)) ?? (await open(connection, own)) ?? 0;
    if (busy === 0) return true;
    await pause(lookMs);
  }
  return false;
}

/** How many locks others hold on the definition of the tables; undefined where the server keeps no books of them, or the account may not look. */
async function holders(
  connection: Connection,
  { schema, tables }: DefinedTables,
  own: readonly string[],
): Promise<number | undefined> {
  return await counted(
    connection,
    `SELECT COUNT(*) AS count FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id
     WHERE l.object_type = 'TABLE' AND l.object_schema = ${literal(schema)} AND l.object_name IN (${tables.map(literal).join(', ')})
       AND l.lock_status = 'GRANTED' AND t.processlist_id NOT IN (CONNECTION_ID(), ${own.join(', ')})
       AND (SELECT MIN(enabled) FROM performance_schema.setup_instruments WHERE name = 'wait/lock/metadata/sql/mdl') = 'YES'
     HAVING (SELECT MIN(enabled) FROM performance_schema.setup_instruments WHERE name = 'wait/lock/metadata/sql/mdl') = 'YES'`,
  );
}

/** How many transactions of others are open; undefined where the account may not look. */
async function open(connection: Connection, own: readonly string[]): Promise<number | undefined> {
  return await counted(
    connection,
    `SELECT COUNT(*) AS count FROM information_schema.innodb_trx WHERE trx_mysql_thread_id NOT IN (0, CONNECTION_ID(), ${own.join(', ')})`,
  );
}

async function counted(connection: Connection, sql: string): Promise<number | undefined> {
  try {
    const row = await connection.row<{ count: string | number }>(sql);
    return row === undefined ? undefined : Number(row.count);
  } catch (error) {
    if (isPolyshiftError(error) && error.code !== 'CONNECTION_LOST') return undefined;
    throw error;
  }
}
