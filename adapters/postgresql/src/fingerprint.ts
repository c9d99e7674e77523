import { createHash } from 'node:crypto';
import type { CollectionSchema, Fingerprint } from '@polyshift/core';
import { describeTable } from './catalog/describe.ts';
import { findTable, type TableName } from './catalog/table-name.ts';
import type { Queryable } from './connection.ts';
import type { Database } from './database.ts';
import { quote } from './identifiers.ts';

/** Proof of what a table is; see core. Reads the whole table, in one consistent view. */
export async function fingerprint(database: Database, collection: string): Promise<Fingerprint> {
  return await database.transaction(
    async (connection) => {
      const table = await findTable(connection, collection);
      if (!table) return { schema: 'absent', content: '', count: 0 };
      const schema = await describeTable(connection, table);
      const { content, count } = await contentHash(
        connection,
        table,
        schema.fields.map((field) => field.name),
      );
      return { schema: schemaHash(schema), content, count };
    },
    { isolation: 'REPEATABLE READ', read_only: true },
  );
}

/**
 * Hashes the rows without regard to their order, on the server: each row's text form (the output function of each column, so that 1.0 is
 * not 1.00) by two independent 64-bit hashes, summed as numbers of any size.
 */
export async function contentHash(
  connection: Queryable,
  table: Pick<TableName, 'sql'>,
  columns: readonly string[],
): Promise<{ content: string; count: number }> {
  const sums = await connection.row<{ count: string; first: string; second: string }>(sumsStatement(table.sql, columns));
  const { count, first, second } = sums!;
  return { content: sha256(`${count}:${first}:${second}`), count: Number(count) };
}

/** The statement that gives the count and the two sums that {@link contentHash} is made of. */
export function sumsStatement(table: string, columns: readonly string[]): string {
  const row = columns.length === 0 ? "''" : `ROW(${columns.map((name) => `r.${quote(name)}`).join(', ')})::text COLLATE "C"`;
  return `SELECT count(*) AS count, coalesce(sum(hashtextextended(h.text, 0)), 0)::text AS first,
       coalesce(sum(hashtextextended(h.text, 7919)), 0)::text AS second
     FROM (SELECT ${row} AS text FROM ${table} AS r) AS h`;
}

/** The hash of a canonical schema; statistics are no part of it. */
export function schemaHash(schema: CollectionSchema): string {
  const { approximate_count: _, ...canonical } = schema;
  return sha256(JSON.stringify(canonical));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
