import type { JsonObject } from '@polyshift/core';
import { describeTable } from '../catalog/describe.ts';
import type { Table, TableColumn } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { furtherStatements } from '../indexes/build.ts';
import { block } from '../script/block.ts';
import type { Place } from '../script/place.ts';
import { type OldValues, wayBackFunction, writtenSince } from './old-values.ts';

/** A column and all that hangs on it, before its type is changed. */
export type ColumnState = {
  native: string;
  collation: string | null;
  default: string | null;
  storage: string | null;
  compression: string | null;
  statistics: number | null;
  indexes: { name: string; definition: JsonObject }[];
  constraints: { name: string; definition: string; comment: string | null }[];
};

const storages: Readonly<Record<string, string>> = { p: 'PLAIN', e: 'EXTERNAL', x: 'EXTENDED', m: 'MAIN' };
const compressions: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' };

/** Reads the state of a column; indexes and constraints of the whole table, because their text may change with the type of any column. */
export async function readColumnState(connection: Connection, table: Table, column: TableColumn): Promise<ColumnState> {
  const schema = await describeTable(connection, table);
  const field = schema.fields.find((each) => each.name === column.name);
  const options = (field?.options ?? {}) as { storage?: string; compression?: string; statistics?: number };
  const comments = (schema.options?.['constraint_comments'] ?? {}) as Record<string, string>;
  return {
    native: column.native,
    collation: column.collation ?? null,
    default: column.default ?? null,
    storage: options.storage ?? null,
    compression: options.compression ?? null,
    statistics: options.statistics ?? null,
    indexes: schema.indexes.map((index) => ({ name: index.name, definition: index.definition as JsonObject })),
    constraints: schema.constraints.map(({ name, definition }) => ({ name, definition, comment: comments[name] ?? null })),
  };
}

/** Converts a column back, and brings back to the letter what hangs on it. Throws WRITTEN_SINCE where values do not convert back. */
export async function restoreColumn(
  connection: Connection,
  table: Table,
  column: TableColumn,
  state: ColumnState,
  values: OldValues,
): Promise<void> {
  await dropRewritten(connection, table, state);
  const statements = columnStatements(table.sql, column.name, column.generated !== undefined, state, values);
  try {
    for (const statement of statements) await connection.execute(statement);
  } catch (error) {
    throw writtenSince(error, values);
  }
  await createMissing(connection, table, state);
}

/** The statements that convert the column itself back; `computed`: its values come from the store, so that it has no default. */
function columnStatements(table: string, field: string, computed: boolean, state: ColumnState, values: OldValues): string[] {
  const alter = (change: string): string => `ALTER TABLE ${table} ALTER COLUMN ${quote(field)} ${change}`;
  const wayBack = wayBackFunction(values);
  const collate = state.collation === null ? '' : ` COLLATE ${state.collation}`;
  return [
    ...(computed ? [] : [alter('DROP DEFAULT')]),
    wayBack.create,
    alter(`TYPE ${state.native}${collate} USING ${wayBack.call}`),
    wayBack.drop,
    ...(computed || state.default === null ? [] : [alter(`SET DEFAULT ${state.default}`)]),
    ...(state.storage === null ? [] : [alter(`SET STORAGE ${storages[state.storage]}`)]),
    ...(state.compression === null ? [] : [alter(`SET COMPRESSION ${compressions[state.compression]}`)]),
    ...(state.statistics === null ? [] : [alter(`SET STATISTICS ${state.statistics}`)]),
  ];
}

/** The statements that do what {@link restoreColumn} does, whatever the change of type has made of indexes and constraints. */
export function restoreColumnScript(
  place: Place,
  field: string,
  computed: boolean,
  state: ColumnState,
  values: OldValues,
): string[] {
  const { sql: table, schema } = place;
  const oid = `${literal(table)}::regclass`;
  const missing = [
    ...state.constraints.map((each) => {
      const exists = `FROM pg_constraint WHERE conrelid = ${oid} AND conname = ${literal(each.name)}`;
      return unlessThere(exists, constraintStatements(table, each));
    }),
    ...state.indexes.map((each) => {
      const exists = `FROM pg_class WHERE relname = ${literal(each.name)} AND relnamespace = ${literal(quote(schema))}::regnamespace`;
      return unlessThere(exists, indexStatements(place, each));
    }),
  ];
  return [
    `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`,
    dropRewrittenBlock(place, state),
    ...columnStatements(table, field, computed, state, values),
    ...(missing.length === 0 ? [] : [block(missing.join('\n  '))]),
  ];
}

function unlessThere(exists: string, statements: readonly string[]): string {
  return `IF NOT EXISTS (SELECT ${exists}) THEN\n${statements.map((statement) => `    EXECUTE ${literal(statement)};\n`).join('')}  END IF;`;
}

/** What {@link dropRewritten} does. Definitions are compared as they are printed with an empty search_path, as they were kept. */
function dropRewrittenBlock({ sql: table, schema }: Place, state: ColumnState): string {
  const values = (rows: readonly (readonly [string, string])[]): string =>
    rows.length === 0
      ? `(SELECT NULL::text, NULL::text WHERE false)`
      : `(VALUES ${rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ')})`;
  const constraints = state.constraints.map(({ name, definition }) => [name, definition] as const);
  const indexes = state.indexes.map(({ name, definition }) => [name, String(definition['sql'])] as const);
  return block(
    `path := current_setting('search_path');
  PERFORM set_config('search_path', '', true);
  FOR held IN SELECT c.conname AS name FROM pg_constraint c JOIN ${values(constraints)} AS w(name, definition) ON w.name = c.conname
    WHERE c.conrelid = ${literal(table)}::regclass AND c.contype = 'c' AND pg_get_constraintdef(c.oid) <> w.definition
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', ${literal(table)}, held.name);
  END LOOP;
  FOR held IN SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN ${values(indexes)} AS w(name, definition) ON w.name = c.relname
    WHERE i.indrelid = ${literal(table)}::regclass AND pg_get_indexdef(i.indexrelid) <> w.definition
      AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = i.indrelid AND o.conname = c.relname)
  LOOP
    EXECUTE format('DROP INDEX %I.%I', ${literal(schema)}, held.name);
  END LOOP;
  PERFORM set_config('search_path', path, true);`,
    'path text;\n  held record;',
  );
}

/**
 * Drops check constraints and plain indexes whose text the change of type has rewritten: converted back they would carry casts that they did
 * not have. They are created again from their old text.
 */
async function dropRewritten(connection: Connection, table: Table, state: ColumnState): Promise<void> {
  const now = await describeTable(connection, table);
  for (const constraint of now.constraints) {
    const before = state.constraints.find((each) => each.name === constraint.name);
    if (before && before.definition !== constraint.definition && constraint.kind === 'check') {
      await connection.execute(`ALTER TABLE ${table.sql} DROP CONSTRAINT ${quote(constraint.name)}`);
    }
  }
  const owned = new Set(now.constraints.map((constraint) => constraint.name));
  for (const index of now.indexes) {
    const before = state.indexes.find((each) => each.name === index.name);
    const after = index.definition as JsonObject;
    if (before && before.definition['sql'] !== after['sql'] && !owned.has(index.name)) {
      await connection.execute(`DROP INDEX ${quoteQualified(table.schema, index.name)}`);
    }
  }
}

async function createMissing(connection: Connection, table: Table, state: ColumnState): Promise<void> {
  const now = await describeTable(connection, table);
  const statements = [
    ...state.constraints
      .filter(({ name }) => !now.constraints.some((each) => each.name === name))
      .flatMap((each) => constraintStatements(table.sql, each)),
    ...state.indexes
      .filter(({ name }) => !now.indexes.some((each) => each.name === name))
      .flatMap((each) => indexStatements(table, each)),
  ];
  for (const statement of statements) await connection.execute(statement);
}

function constraintStatements(table: string, { name, definition, comment }: ColumnState['constraints'][number]): string[] {
  return [
    `ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} ${definition}`,
    ...(comment === null ? [] : [`COMMENT ON CONSTRAINT ${quote(name)} ON ${table} IS ${literal(comment)}`]),
  ];
}

function indexStatements({ sql, schema }: Place, { name, definition }: ColumnState['indexes'][number]): string[] {
  const { tablespace: _, ...kept } = definition;
  return [String(definition['sql']), ...furtherStatements(sql, { schema, name }, kept, literal)];
}
