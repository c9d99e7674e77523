import type { KeptAside } from '@polyshift/core';
import { asideColumnPrefix } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { asideColumn, asideSchema } from './aside.ts';

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

/**
 * See `StoreSession.keptAsideEach`: sizes of tables are those on disk, their indexes included; of a column the sizes of its values. Two statements, whatever is
 * asked for: one finds what there is, one counts it.
 */
export async function keptAsideEach(connection: Queryable, asides: readonly string[]): Promise<KeptAside[]> {
  const found = await connection.rows<{ aside: number; schema: string; table: string; column: string | null }>(
    `SELECT a.aside, n.nspname AS schema, c.relname AS table, NULL AS column
     FROM unnest($1::text[]) WITH ORDINALITY AS a(schema, aside)
       JOIN pg_namespace n ON n.nspname = a.schema JOIN pg_class c ON c.relnamespace = n.oid
     WHERE c.relkind IN ('r', 'p')
     UNION ALL
     SELECT a.aside, n.nspname, c.relname, t.attname
     FROM unnest($2::text[]) WITH ORDINALITY AS a(name, aside)
       JOIN pg_attribute t ON t.attname = a.name JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT t.attisdropped AND t.attnum > 0 AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
    [asides.map(asideSchema), asides.map(asideColumn)],
  );
  const kept = asides.map(() => ({ rows: 0, bytes: 0 }));
  if (found.length === 0) return kept;
  const counts = found.map(({ aside, schema, table, column }) =>
    column === null ? countTable(Number(aside), schema, table) : countColumn(Number(aside), schema, table, column),
  );
  for (const { aside, rows, bytes } of await connection.rows<{ aside: number; rows: string; bytes: string }>(
    counts.join(' UNION ALL '),
  )) {
    const sum = kept[Number(aside) - 1]!;
    sum.rows += Number(rows);
    sum.bytes += Number(bytes);
  }
  return kept;
}

function countTable(aside: number, schema: string, name: string): string {
  const table = quoteQualified(schema, name);
  const relation = `${literal(table)}::regclass`;
  // A table without partitions has no tree at all.
  const size = `coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(${relation})), pg_total_relation_size(${relation}))`;
  return `SELECT ${aside} AS aside, count(*) AS rows, ${size}::numeric AS bytes FROM ${table}`;
}

function countColumn(aside: number, schema: string, table: string, column: string): string {
  const name = quote(column);
  return `SELECT ${aside} AS aside, count(${name}) AS rows, coalesce(sum(pg_column_size(${name})), 0)::numeric AS bytes FROM ${quoteQualified(schema, table)}`;
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
