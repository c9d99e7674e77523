import type { KeptAside } from '@polyshift/core';
import { newTableName } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { imageTableName } from '../row-images/image-table.ts';
import { asideName, asidePrefix } from './aside.ts';

/** The tables that steps keep aside, by what they are: rows of a dropped table, row images, values before a change of type, an extract on its way. */
const kinds = ['table', imageTableName, 'old_values', 'way_back', 'extract'] as const;

/** A column that a step keeps under a name of its own in the table that it was removed from. */
export interface KeptColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/**
 * The columns that a step keeps in their tables, whatever these are called by now, in the database of its collection: another one of the same server has
 * steps of the same name.
 */
export async function keptColumns(connection: Queryable, aside: string, collection: string): Promise<KeptColumn[]> {
  const { schema } = await newTableName(connection, collection);
  return await columnsWhere(
    connection,
    `table_schema = ${literal(schema)} AND column_name = ${literal(asideName(aside, 'column'))}`,
  );
}

/** Databases in which the steps of this journal may keep something: its own, and others but those that have a journal, whose steps have the same names. */
const ours = `(table_schema = DATABASE() OR table_schema NOT IN (SELECT j.table_schema FROM information_schema.tables j WHERE j.table_name = 'polyshift_schema_migrations'))`;

/** See `StoreSession.keptAside`: sizes of tables are those of the server's statistics; of a column the sizes of its values. */
export async function keptAside(connection: Queryable, aside: string): Promise<KeptAside> {
  let rows = 0;
  let bytes = 0;
  const names = kinds.map((what) => literal(asideName(aside, what)));
  const tables = await connection.rows<{ schema: string; name: string; bytes: string | null }>(
    `SELECT table_schema AS \`schema\`, table_name AS name, data_length + index_length AS bytes
     FROM information_schema.tables WHERE table_name IN (${names.join(', ')}) AND ${ours}`,
  );
  for (const table of tables) {
    const found = await connection.row<{ count: string }>(
      `SELECT COUNT(*) AS count FROM ${quoteQualified(table.schema, table.name)}`,
    );
    rows += Number(found!.count);
    bytes += Number(table.bytes ?? 0);
  }
  for (const { schema, table, column } of await columnsWhere(
    connection,
    `column_name = ${literal(asideName(aside, 'column'))} AND ${ours}`,
  )) {
    const name = quote(column);
    const found = await connection.row<{ count: string; bytes: string }>(
      `SELECT COUNT(${name}) AS count, COALESCE(SUM(LENGTH(${name})), 0) AS bytes FROM ${quoteQualified(schema, table)}`,
    );
    rows += Number(found!.count);
    bytes += Number(found!.bytes);
  }
  return { rows, bytes };
}

/** See `StoreSession.strayAside`: of the tables and columns in all databases that the account may see. */
export async function strayAside(connection: Queryable, known: readonly string[]): Promise<string[]> {
  const tables = new Set(known.flatMap((aside) => kinds.map((what) => asideName(aside, what))));
  const columns = new Set(known.map((aside) => asideName(aside, 'column')));
  const found = await connection.rows<{ schema: string; name: string }>(
    `SELECT table_schema AS \`schema\`, table_name AS name FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name LIKE ${beginning} ORDER BY table_name`,
  );
  return [
    ...found.filter(({ name }) => !tables.has(name)).map(({ schema, name }) => `table ${schema}.${name}`),
    ...(await columnsWhere(connection, `table_schema = DATABASE() AND column_name LIKE ${beginning}`))
      .filter(({ column }) => !columns.has(column))
      .map(({ schema, table, column }) => `column ${column} of ${schema}.${table}`),
  ];
}

const beginning = literal(`${asidePrefix.replaceAll('_', '\\_')}%`);

async function columnsWhere(connection: Queryable, condition: string): Promise<KeptColumn[]> {
  return await connection.rows<KeptColumn>(
    `SELECT table_schema AS \`schema\`, table_name AS \`table\`, column_name AS \`column\` FROM information_schema.columns WHERE ${condition} ORDER BY 1, 2, 3`,
  );
}
