import { keyList, keyText, type RowKey, sameRow } from '@polyshift/adapter-kit';
import {
  type Check,
  checkThat,
  fail,
  isPolyshiftError,
  type JsonObject,
  type Operation,
  pass,
  type RunContext,
  warn,
} from '@polyshift/core';
import { indexesBuilt, indexesJson } from '../catalog/index-list.ts';
import { keptTable } from '../catalog/kept-table.ts';
import { columnOf, findTable, openTable, type Table } from '../catalog/table.ts';
import { createTableText, tableFromJson, tableJson, tableName } from '../catalog/table-text.ts';
import { udtLookup } from '../catalog/udts.ts';
import { refuseUnknown } from '../conditions.ts';
import { schemaStep } from '../planned.ts';
import { hasNoViews, isChangeable, nothingExpires } from '../preconditions.ts';
import { type Conversion, conversionOf, withType } from '../rebuild/conversion.ts';
import { converted, Rebuild, type Rebuilding } from '../rebuild/rebuild.ts';
import { rowStore } from '../rows/row-store.ts';
import type { Store } from '../store.ts';
import { cqlTypeOf } from '../types.ts';
import type { HandlerOf } from './handler-of.ts';

/** The table as it was, with its indexes. */
interface Undo extends JsonObject {
  table: JsonObject;
  indexes: JsonObject;
}

/** change_type: the table is made anew with the new type, under its name, and filled from a copy of the old one. */
export const changeType: HandlerOf<'change_type', Undo> = (store) => ({
  async plan(operation, context) {
    const table = await findTable(store, operation.collection);
    const name = tableName(store.keyspace, operation.collection);
    const kept = tableName(store.keyspace, keptTable('...'));
    const rows = context.schema.collections[operation.collection]?.approximate_count;
    const undo = 'makes the table again as it was, and brings back every old value';
    const to = cqlTypeOf(operation.data.to, await udtLookup(store));
    const statement =
      table && columnOf(table, operation.data.field_name)
        ? createTableText(store.keyspace, table.name, { ...table, columns: withType(table, operation.data.field_name, to) })
        : `CREATE TABLE ${name} (... ${operation.data.field_name} ${to.text} ...)`;
    return [
      schemaStep(`copy ${name} to ${kept}, compare the copy`, { phase: 'migrate', rows, undo: 'drops the copy' }),
      schemaStep(`DROP TABLE ${name}`, { phase: 'contract', risk: 'data_removed', undo }),
      schemaStep(statement, { phase: 'contract', risk: 'data_changed', undo }),
      schemaStep(`copy ${kept} to ${name}, converting ${operation.data.field_name}`, { phase: 'contract', rows, undo }),
    ];
  },

  async check(operation) {
    const { checks, table } = await isChangeable(store, operation.collection);
    if (!table) return checks;
    const { field_name } = operation.data;
    refuseUnknown(table, field_name);
    const column = columnOf(table, field_name)!;
    if (column.kind !== 'regular') {
      const message = `${field_name} is ${column.kind === 'static' ? 'a static column' : 'part of the key'}`;
      return [...checks, fail('column', message, 'Copy the table by extract with the type wanted.')];
    }
    const to = cqlTypeOf(operation.data.to, await udtLookup(store));
    if (to.name === 'counter')
      return [...checks, fail('type', 'a column cannot become a counter', 'Make a table of its own for it.')];
    const conversion = conversionOf(table, operation, column.type, to);
    return [
      ...checks,
      await hasNoViews(store, table.name),
      await nothingExpires(store, table),
      await convertible(store, table, conversion),
    ];
  },

  async prepare(operation): Promise<Undo> {
    const table = await openTable(store, operation.collection);
    return { table: tableJson(table), indexes: await indexesJson(store, operation.collection) };
  },

  async *execute(operation, undo, run) {
    const what = await rebuildingOf(store, operation, undo);
    if (what) yield* new Rebuild(store, what, run).forth();
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation, undo, run) {
    const what = await rebuildingOf(store, operation, undo);
    const to = cqlTypeOf(operation.data.to, await udtLookup(store)).text;
    const table = await findTable(store, operation.collection);
    const found = table && columnOf(table, operation.data.field_name)?.type.text;
    const typed = checkThat(found === to, 'type_changed', {
      pass: `${operation.data.field_name} has the type ${to}`,
      fail: `${operation.data.field_name} has the type ${found ?? 'of no column'}`,
      action: 'Somebody else changes the schema of this keyspace.',
    });
    if (!what || found !== to) return [typed];
    return [
      typed,
      checkThat(await new Rebuild(store, what, run).isFilled(), 'table_filled', {
        pass: `${operation.collection} was filled from the copy of the old table`,
        fail: `${operation.collection} was not filled from the copy of the old table to the end`,
        action: 'Take the migration back; if it stays so, please report it.',
      }),
      await indexesBuilt(store, operation.collection, undo.indexes),
      await nothingLost(store, what, run),
    ];
  },

  async *rollback(operation, undo, run) {
    const what = await rebuildingOf(store, operation, undo);
    if (what) yield* new Rebuild(store, what, run).backward();
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard(operation, undo, run) {
    const what = await rebuildingOf(store, operation, undo);
    if (what) await new Rebuild(store, what, run).discard();
  },
});

/** What the rebuild goes from and to; undefined where the column has the type already. */
async function rebuildingOf(store: Store, operation: Operation<'change_type'>, undo: Undo): Promise<Rebuilding | undefined> {
  const udts = await udtLookup(store);
  const before = tableFromJson(undo.table, udts);
  const from = columnOf(before, operation.data.field_name)!.type;
  const to = cqlTypeOf(operation.data.to, udts);
  if (from.text === to.text && operation.data.using === undefined) return undefined;
  const after = { ...before, columns: withType(before, operation.data.field_name, to) };
  return { before, after, conversion: conversionOf(before, operation, from, to), indexes: undo.indexes };
}

async function convertible(store: Store, table: Table, conversion: Conversion): Promise<Check> {
  const refused: RowKey[] = [];
  let example = '';
  for await (const { rows } of rowStore(store).scan(table.name, { batch_size: 1000 })) {
    for (const { key, row } of rows) {
      try {
        conversion.forth(row);
      } catch (error) {
        if (!isPolyshiftError(error, 'CONVERSION_FAILED')) throw error;
        refused.push(key);
        example ||= error.message;
      }
    }
  }
  return checkThat(refused.length === 0, 'convertible', {
    pass: `every value of ${conversion.field} converts exactly`,
    fail: `${refused.length} values of ${conversion.field} do not convert exactly to ${conversion.to.text}: ${keyList(refused)}; ${example}`,
    action: 'Correct them first by migrate_data, or say how to convert by `using`.',
  });
}

/** Holds the new table against the copy of the old one. */
async function nothingLost(store: Store, what: Rebuilding, run: RunContext): Promise<Check> {
  const rows = rowStore(store, true);
  const kept = keptTable(run.aside);
  const written: RowKey[] = [];
  let count = 0;
  await openTable(store, what.before.name);
  for await (const batch of rows.scan(kept, { batch_size: 500 })) {
    const found = await rows.get(
      what.before.name,
      batch.rows.map(({ key }) => key),
    );
    const there = new Map(found.map(({ key, row }) => [keyText(key), row]));
    for (const { key, row } of batch.rows) {
      const now = there.get(keyText(key));
      if (now && sameRow(rows.codec, now, converted(row, what.conversion))) count++;
      else written.push(key);
    }
  }
  if (written.length === 0) return pass('rows_converted', `${count} rows are as they were, with the new type`);
  return warn(
    'written_since',
    `${written.length} rows of ${what.before.name} were written or deleted by the application since: ${keyList(written)}`,
    'Nothing to do: what was written belongs to the application.',
  );
}
