import type { JsonObject } from '@polyshift/core';
import { describeTable } from '../catalog/describe.ts';
import type { Table, TableColumn } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { createWayBack, type OldValues, writtenSince } from './old-values.ts';

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
  const name = quote(column.name);
  const alter = (change: string): Promise<number> => connection.execute(`ALTER TABLE ${table.sql} ${change}`);
  await dropRewritten(connection, table, state);
  const identity = column.generated !== undefined;
  if (!identity && column.default !== undefined) await alter(`ALTER COLUMN ${name} DROP DEFAULT`);
  const wayBack = await createWayBack(connection, values);
  const collate = state.collation === null ? '' : ` COLLATE ${state.collation}`;
  try {
    await alter(`ALTER COLUMN ${name} TYPE ${state.native}${collate} USING ${wayBack}`);
  } catch (error) {
    throw writtenSince(error, values);
  }
  await connection.execute(`DROP FUNCTION pg_temp.polyshift_way_back`);
  if (!identity && state.default !== null) await alter(`ALTER COLUMN ${name} SET DEFAULT ${state.default}`);
  if (state.storage !== null) await alter(`ALTER COLUMN ${name} SET STORAGE ${storages[state.storage]}`);
  if (state.compression !== null) await alter(`ALTER COLUMN ${name} SET COMPRESSION ${compressions[state.compression]}`);
  if (state.statistics !== null) await alter(`ALTER COLUMN ${name} SET STATISTICS ${state.statistics}`);
  await createMissing(connection, table, state);
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
  for (const { name, definition, comment } of state.constraints) {
    if (now.constraints.some((each) => each.name === name)) continue;
    await connection.execute(`ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(name)} ${definition}`);
    if (comment !== null) await connection.execute(`COMMENT ON CONSTRAINT ${quote(name)} ON ${table.sql} IS ${literal(comment)}`);
  }
  for (const { name, definition } of state.indexes) {
    if (now.indexes.some((each) => each.name === name)) continue;
    await connection.execute(String(definition['sql']));
    const comment = definition['comment'];
    if (typeof comment === 'string') {
      await connection.execute(`COMMENT ON INDEX ${quoteQualified(table.schema, name)} IS ${literal(comment)}`);
    }
    if (definition['clustered'] === true) await connection.execute(`ALTER TABLE ${table.sql} CLUSTER ON ${quote(name)}`);
    if (definition['replica_identity'] === true) {
      await connection.execute(`ALTER TABLE ${table.sql} REPLICA IDENTITY USING INDEX ${quote(name)}`);
    }
  }
}
