import type { JsonObject, RunContext } from '@polyshift/core';
import type { TableIndex } from '../catalog/create-statement.ts';
import { keyColumnPrefix, readTable, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { quote } from '../identifiers.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import type { ScriptSource } from '../script/step-script.ts';
import { hasColumn, isThere } from '../script/step-script.ts';
import type { HelperColumn, IndexDefinition } from './definition.ts';

/** An index as the server prints it, with the columns that are computed for it. */
export type KeptIndex = { sql: string; helpers: { name: string; definition: string }[] };

/** An index of a table by name. */
export function findIndex(table: Table, name: string): TableIndex | undefined {
  return table.indexes.find((index) => index.name === name);
}

/** What it takes to build an index again. */
export function keptIndex(table: Table, index: TableIndex): KeptIndex {
  const helpers = table.allColumns
    .filter((column) => column.name.startsWith(keyColumnPrefix) && index.parts.some((part) => part.field === column.name))
    .map(({ name, definition }) => ({ name, definition }));
  return { sql: index.definition, helpers };
}

/** Builds an index in its steps, each online by itself where the server can; those that are done are passed over. */
export async function buildIndex(
  connection: Connection,
  collection: string,
  index: { readonly name: string; readonly sql: string; readonly helpers: readonly HelperColumn[] },
  run: RunContext,
): Promise<void> {
  const table = await readTable(connection, collection);
  if (findIndex(table, index.name)) return;
  const missing = index.helpers.filter((helper) => !table.allColumns.some((column) => column.name === helper.name));
  if (missing.length > 0) {
    const added = missing.map(({ name, definition }) => `ADD COLUMN ${quote(name)} ${definition}`);
    await alterTable(connection, table.sql, added.join(', '));
    await run.fault('helpers_added');
  }
  await alterTable(connection, table.sql, `ADD ${index.sql}`);
}

/** Drops an index with what was computed for it, in one statement. Idempotent. */
export async function dropIndex(
  connection: Connection,
  collection: string,
  name: string,
  helpers: readonly { readonly name: string }[],
): Promise<void> {
  const table = await readTable(connection, collection);
  const changes = [
    ...(findIndex(table, name) ? [`DROP INDEX ${quote(name)}`] : []),
    ...helpers
      .filter((helper) => table.allColumns.some((column) => column.name === helper.name))
      .map((helper) => `DROP COLUMN ${quote(helper.name)}`),
  ];
  if (changes.length > 0) await alterTable(connection, table.sql, changes.join(', '));
}

/** The statement that drops an index with what was computed for it; none where there is nothing of it. */
export function dropIndexScript(
  table: string,
  name: string,
  helpers: readonly { readonly name: string }[],
  live: ScriptSource['live'],
): string[] {
  const changes = [
    ...(isThere(live, (each) => findIndex(each, name) !== undefined) ? [`DROP INDEX ${quote(name)}`] : []),
    ...helpers.filter((helper) => hasColumn(live, helper.name)).map((helper) => `DROP COLUMN ${quote(helper.name)}`),
  ];
  return changes.length === 0 ? [] : [`ALTER TABLE ${table} ${changes.join(', ')}`];
}

/** The statements that build an index again; of one that a step which stopped part-way has left, none of what is there. */
export function buildIndexScript(
  table: string,
  name: string,
  index: { readonly sql: string; readonly helpers: readonly HelperColumn[] },
  live: ScriptSource['live'],
): string[] {
  const isLeft = (look: (table: Table) => boolean): boolean => live !== 'whole' && isThere(live, look);
  if (isLeft((each) => findIndex(each, name) !== undefined)) return [];
  const added = index.helpers
    .filter((helper) => !isLeft((each) => each.allColumns.some((column) => column.name === helper.name)))
    .map((helper) => `ADD COLUMN ${quote(helper.name)} ${helper.definition}`);
  return [...(added.length === 0 ? [] : [`ALTER TABLE ${table} ${added.join(', ')}`]), `ALTER TABLE ${table} ADD ${index.sql}`];
}

/** What the server would print of an index, found out on an empty copy of the table. */
export async function trialIndex(connection: Connection, table: Table, index: IndexDefinition): Promise<KeptIndex> {
  return await onTrialTable(connection, table.sql, async (trial) => {
    const name = trial.slice(1, -1);
    const copy = await readTable(connection, name);
    // The copy has the index already where one of this name is there.
    if (findIndex(copy, index.name))
      await dropIndex(connection, name, index.name, keptIndex(copy, findIndex(copy, index.name)!).helpers);
    for (const helper of index.helpers) {
      await connection.execute(`ALTER TABLE ${trial} ADD COLUMN ${quote(helper.name)} ${helper.definition}`);
    }
    await connection.execute(`ALTER TABLE ${trial} ADD ${index.sql}`);
    const built = await readTable(connection, name);
    return keptIndex(built, findIndex(built, index.name)!);
  });
}

/** Whether two indexes are the same in the words of the server. */
export function sameIndex(left: KeptIndex, right: KeptIndex): boolean {
  return JSON.stringify(left satisfies JsonObject) === JSON.stringify(right satisfies JsonObject);
}
