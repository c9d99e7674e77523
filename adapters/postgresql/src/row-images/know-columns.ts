import { isPolyshiftError, type RunContext } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Database } from '../database.ts';
import { quoteList } from '../identifiers.ts';

/** Milliseconds to wait for who vacuums the table. */
const patience = 1_000;

/**
 * Lets the server look at the columns of which it knows nothing yet, as of one that was added a moment ago. Of a condition on such a column it expects that
 * few rows meet it, and so it would read the whole table for each batch of those that do. Where somebody is in the way it is left out: it makes
 * batches fast, not right.
 */
export async function knowColumns(database: Database, run: RunContext, table: Pick<Table, 'oid' | 'sql'>): Promise<void> {
  const unknown = await database.rows<{ name: string }>(
    `SELECT a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND c.relpages > 0
       AND NOT EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname)`,
    [table.oid],
  );
  if (unknown.length === 0) return;
  try {
    await database.fenced(
      run.fence,
      (connection) => connection.execute(`ANALYZE ${table.sql} (${quoteList(unknown.map(({ name }) => name))})`),
      { lock_timeout_ms: patience },
    );
  } catch (error) {
    if (!isPolyshiftError(error, 'STORE_BUSY')) throw error;
  }
}
