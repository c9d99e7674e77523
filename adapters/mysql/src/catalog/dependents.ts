import { type Check, fail, pass } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { literal } from '../identifiers.ts';
import { mentions } from '../sql-tokens.ts';
import type { Table } from './table.ts';
import type { TableName } from './table-name.ts';

/**
 * The check that nothing else in the database needs a column which is to get another name, another type, or to go. Where it keeps its name, views
 * and triggers that name it go on.
 */
export async function columnDependents(connection: Queryable, table: Table, field: string, keepsName = false): Promise<Check> {
  const names = [
    ...table.allColumns
      .filter((column) => column.expression !== undefined && column.name !== field && mentions(column.definition, field))
      .map((column) => indexOf(table, column.name) ?? `the computed column ${column.name}`),
    ...table.indexes
      .filter((index) => index.parts.some((part) => part.field === undefined && mentions(part.sql, field)))
      .map((index) => `the index ${index.name}`),
    ...(mentions(table.options, field) || new RegExp(`PARTITION BY [^(]*\\([^)]*\\b${escapeRegExp(field)}\\b`).test(table.options)
      ? ['the partitions']
      : []),
    ...(await referencingKeys(connection, table, field)),
    ...(keepsName
      ? ownKeys(table, field)
      : [...(await viewsOver(connection, table, field)), ...(await triggersOver(connection, table, field))]),
  ];
  if (names.length === 0) return pass('dependents', `nothing depends on ${field}`);
  return fail('dependents', `${names.join(', ')} need ${field}`, 'Drop or change these first.');
}

/** The check that nothing else in the database names a table which is to get another name, or to go. */
export async function tableDependents(connection: Queryable, table: TableName, keys: boolean): Promise<Check> {
  const names = [...(keys ? await referencingKeys(connection, table) : []), ...(await viewsOver(connection, table))];
  if (names.length === 0) return pass('dependents', `nothing depends on ${table.name}`);
  return fail('dependents', `${names.join(', ')} need ${table.name}`, 'Drop or change these first.');
}

/** Foreign keys of the table itself: both sides of one have the same type. */
function ownKeys(table: Table, field: string): string[] {
  return table.constraints
    .filter((constraint) => constraint.kind === 'foreign_key' && constraint.fields.includes(field))
    .map((constraint) => `the foreign key ${constraint.name}`);
}

function indexOf(table: Table, helper: string): string | undefined {
  const index = table.indexes.find((each) => each.parts.some((part) => part.field === helper));
  return index && `the index ${index.name}`;
}

/** Foreign keys of other tables; those follow a rename, but keep a column or table from going. */
async function referencingKeys(connection: Queryable, table: TableName, field?: string): Promise<string[]> {
  const column = field === undefined ? '' : ` AND referenced_column_name = ${literal(field)}`;
  const rows = await connection.rows<{ name: string; child: string }>(
    `SELECT DISTINCT constraint_name AS name, table_name AS child FROM information_schema.key_column_usage
     WHERE referenced_table_schema = ${literal(table.schema)} AND referenced_table_name = ${literal(table.name)}${column}
       AND NOT (table_schema = ${literal(table.schema)} AND table_name = ${literal(table.name)})`,
  );
  return rows.map((row) => `the foreign key ${row.name} of ${row.child}`);
}

/** Views keep the names that they were created with: they would break. Their text is the server's, with every name in backticks. */
async function viewsOver(connection: Queryable, table: TableName, field?: string): Promise<string[]> {
  const rows = await connection.rows<{ name: string; definition: string }>(
    'SELECT table_name AS name, view_definition AS definition FROM information_schema.views WHERE table_schema = DATABASE()',
  );
  return rows
    .filter(({ definition }) => mentions(definition, table.name) && (field === undefined || mentions(definition, field)))
    .map(({ name }) => `the view ${name}`);
}

async function triggersOver(connection: Queryable, table: TableName, field: string): Promise<string[]> {
  const rows = await connection.rows<{ name: string; body: string }>(
    `SELECT trigger_name AS name, action_statement AS body FROM information_schema.triggers
     WHERE event_object_schema = ${literal(table.schema)} AND event_object_table = ${literal(table.name)}`,
  );
  const named = new RegExp(`\\b(?:NEW|OLD)\\s*\\.\\s*\`?${escapeRegExp(field)}(?![\\w$])`, 'i');
  return rows.filter(({ body }) => named.test(body)).map(({ name }) => `the trigger ${name}`);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
