import type { KeptAside } from '@polyshift/core';
import { asideColumnPrefix } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { asideColumn, asideSchema, asideTables } from './aside.ts';

/** A column that a step keeps under a name of its own in the table that it was removed from. */
export interface KeptColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** The columns that a step keeps in their tables, whatever these are called by now, and wherever they are. */
export async function keptColumns(connection: Queryable, aside: string): Promise<KeptColumn[]> {
  return (await allKeptColumns(connection)).filter(({ column }) => column === asideColumn(aside));
}

/** See `StoreSession.keptAside`: sizes of tables are those on disk, their indexes included; of a column the sizes of its values. */
export async function keptAside(connection: Queryable, aside: string): Promise<KeptAside> {
  let rows = 0;
  let bytes = 0;
  const add = async (sql: string): Promise<void> => {
    const found = (await connection.row<{ count: string; bytes: string }>(sql))!;
    rows += Number(found.count);
    bytes += Number(found.bytes);
  };
  for (const name of await asideTables(connection, aside)) {
    const table = quoteQualified(asideSchema(aside), name);
    const relation = `${literal(table)}::regclass`;
    // A table without partitions has no tree at all.
    const size = `coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(${relation})), pg_total_relation_size(${relation}))`;
    await add(`SELECT count(*) AS count, ${size} AS bytes FROM ${table}`);
  }
  for (const { schema, table, column } of await keptColumns(connection, aside)) {
    const name = quote(column);
    await add(
      `SELECT count(${name}) AS count, coalesce(sum(pg_column_size(${name})), 0) AS bytes FROM ${quoteQualified(schema, table)}`,
    );
  }
  return { rows, bytes };
}

/** See `StoreSession.strayAside`. */
export async function strayAside(connection: Queryable, known: readonly string[]): Promise<string[]> {
  const schemas = new Set(known.map(asideSchema));
  const columns = new Set(known.map(asideColumn));
  const found = await connection.rows<{ name: string }>(
    'SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1) ORDER BY nspname',
    [asideSchema('')],
  );
  return [
    ...found.filter(({ name }) => !schemas.has(name)).map(({ name }) => `schema ${name}`),
    ...(await allKeptColumns(connection))
      .filter(({ column }) => !columns.has(column))
      .map(({ schema, table, column }) => `column ${column} of ${schema}.${table}`),
  ];
}

async function allKeptColumns(connection: Queryable): Promise<KeptColumn[]> {
  return await connection.rows<KeptColumn & Record<string, unknown>>(
    `SELECT n.nspname AS schema, c.relname AS table, a.attname AS column
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE starts_with(a.attname, $1) AND NOT a.attisdropped AND a.attnum > 0 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY 1, 2, 3`,
    [asideColumnPrefix],
  );
}
