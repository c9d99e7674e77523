import type { Check, Operation } from '@polyshift/core';
import { fail, innerOperations, isPolyshiftError } from '@polyshift/core';
import { ColumnDefinition } from '../catalog/column-definition.ts';
import { readDefinition, type Table } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection, Queryable } from '../connection.ts';
import { resolveType } from '../handler/type-reference.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import type { Mapping } from './mapping.ts';
import { mergedTables } from './parts.ts';
import { referenceOf, referring } from './reference.ts';

/** A foreign key of another table that points to the table. Plain JSON, kept in the journal. */
export type IncomingKey = {
  schema: string;
  child: string;
  name: string;
  /** As SHOW CREATE TABLE prints it. */
  definition: string;
  fields: string[];
  /** The columns of the table, as the old version calls them. */
  columns: string[];
};

/** The foreign keys of other tables that point to a table; `except`: tables of its database that end with it. */
export async function incomingKeys(
  connection: Queryable,
  schema: string,
  name: string,
  except: readonly string[] = [],
): Promise<IncomingKey[]> {
  const rows = await connection.rows<{ schema: string; child: string; name: string }>(
    `SELECT DISTINCT table_schema AS \`schema\`, table_name AS child, constraint_name AS name FROM information_schema.key_column_usage
     WHERE referenced_table_schema = ${literal(schema)} AND referenced_table_name = ${literal(name)}
       AND NOT (table_schema = ${literal(schema)} AND table_name = ${literal(name)}) ORDER BY 1, 2, 3`,
  );
  const keys: IncomingKey[] = [];
  for (const row of rows) {
    if (row.schema === schema && except.includes(row.child)) continue;
    const child = await tableIn(connection, row.schema, row.child);
    const found = child && (await readDefinition(connection, child)).constraints.find((each) => each.name === row.name);
    if (!found) continue;
    const { columns } = referenceOf(found.definition);
    keys.push({ ...row, definition: found.definition, fields: [...found.fields], columns: [...columns] });
  }
  return keys;
}

/** The columns that a key points to, as the new version calls them; undefined where it lacks one. */
export function newColumns({ columns }: IncomingKey, mapping: Mapping): string[] | undefined {
  const names = columns.map((column) => mapping.forward.columns.find(({ from }) => from === column)?.name);
  return names.every((name) => name !== undefined) ? (names as string[]) : undefined;
}

/**
 * The check that each key can point to the new version when that takes the place of the old one: its columns are there under some name, hold
 * what they held, and have a type and an index that the server takes, which it says itself on empty copies.
 */
export async function incomingFit(
  operation: Operation<'online_change'>,
  connection: Connection,
  table: Table,
): Promise<Check | undefined> {
  for (const key of await incomingKeys(connection, table.schema, table.name, mergedTables(operation, table))) {
    const problem = await misfit(operation, connection, table, key);
    if (problem === undefined) continue;
    return fail(
      'foreign_keys',
      `${key.name} of ${key.child} points to ${table.name} (${key.columns.join(', ')}), ${problem}`,
      'Drop it by drop_constraint, and add it again when the change is final; or make the change without --online.',
    );
  }
  return undefined;
}

async function misfit(
  operation: Operation<'online_change'>,
  connection: Connection,
  table: Table,
  key: IncomingKey,
): Promise<string | undefined> {
  // What the columns are called after the operations so far, by their first names: the empty copy keeps these.
  const names = new Map(key.columns.map((column) => [column, column]));
  const changes: string[] = [];
  for (const inner of innerOperations(operation)) {
    const origin = (field: string): string | undefined => key.columns.find((column) => names.get(column) === field);
    if (inner.type === 'remove_field' && origin(inner.data.field_name) !== undefined)
      return 'which the new version does not have';
    if (inner.type === 'rename_field') {
      const renamed = origin(inner.data.old_name);
      if (renamed !== undefined) names.set(renamed, inner.data.new_name);
    }
    if (inner.type === 'change_type') {
      const column = table.columns.find(({ name }) => name === origin(inner.data.field_name));
      if (column === undefined) continue;
      if (inner.data.using !== undefined) return 'whose values the change reckons anew';
      const { sql } = await resolveType(connection, inner.data.to);
      const definition = ColumnDefinition.parse(column.definition).withType(sql).withDefault(undefined);
      changes.push(`MODIFY COLUMN ${quote(column.name)} ${definition}`);
    }
    if (inner.type === 'migrate_data') {
      const stages = (inner.data.pipeline ?? []) as Record<string, object>[];
      const written = [inner.data.set ?? {}, ...stages.map((stage) => stage['$set'] ?? stage['$addFields'] ?? {})];
      if (written.flatMap(Object.keys).some((field) => origin(field) !== undefined))
        return 'whose values the change reckons anew';
    }
    const dropped = inner.type === 'drop_index' || inner.type === 'drop_constraint' ? inner.data.name : undefined;
    if (table.indexes.some(({ name }) => name === dropped)) changes.push(`DROP INDEX ${quote(dropped!)}`);
  }
  try {
    await onTrialTable(connection, table.sql, async (trial) => {
      for (const change of changes) await connection.execute(`ALTER TABLE ${trial} ${change}`);
      await tryKey(connection, key, trial);
    });
    return undefined;
  } catch (error) {
    if (!isPolyshiftError(error) || error.code === 'CONNECTION_LOST') throw error;
    return `which it could not in the new version: ${error.message}`;
  }
}

/** Adds a key to an empty copy of its table. Throws the server's refusal. */
async function tryKey(connection: Connection, key: IncomingKey, table: string): Promise<void> {
  await onTrialTable(connection, quoteQualified(key.schema, key.child), async (trial) => {
    const name = `${trial.slice(1, -1)}_k`;
    await connection.execute(`ALTER TABLE ${trial} ADD ${referring(key.definition, { name, table, columns: key.columns })}`);
  });
}
