import {
  type CollectionMaker,
  compileConditions,
  compilePipeline,
  documentsOf,
  editDocument,
  extract as extractRows,
  type RowHandler,
} from '@polyshift/adapter-kit';
import { type Check, dynamicType, fail, type Operation, type PortableValue } from '@polyshift/core';
import { dropTable, tableExists } from '../catalog/drop-table.ts';
import { columnOf, keyNames, openTable, type Table } from '../catalog/table.ts';
import { createTableText } from '../catalog/table-text.ts';
import { refuseUnknown, rowConditions } from '../conditions.ts';
import { changeSchema } from '../cql/execute.ts';
import { type NewColumn, newTable } from '../new-table.ts';
import { isFree, isThere } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { Store } from '../store.ts';
import { nativeOf } from '../types.ts';
import { parseCqlType } from '../values/cql-type.ts';
import type { HandlerOf } from './handler-of.ts';

/** extract: copies rows into a new table, whose columns have the types of those that they come from. */
export const extract: HandlerOf<'extract'> = (store) => {
  const operations = rowOperations(store);
  // The new table depends on the fields of the operation, which the kit's factory knows nothing of.
  const handlerOf = (operation: Operation<'extract'>): RowHandler<'extract'> => extractRows(operations, maker(store, operation));
  return {
    plan: (operation, context) => handlerOf(operation).plan(operation, context),

    async check(operation) {
      const { check, table } = await isThere(store, operation.collection);
      if (!table) return [check];
      rowConditions(table, operation.conditions);
      const checks: Check[] = [check, await isFree(store, operation.data.into), ...fieldChecks(table, operation)];
      return checks.some(({ status }) => status === 'FAILED') ? checks : handlerOf(operation).check(operation);
    },

    prepare: (operation, run) => handlerOf(operation).prepare(operation, run),
    execute: (operation, undo, run) => handlerOf(operation).execute(operation, undo, run),
    verify: (operation, undo, run) => handlerOf(operation).verify(operation, undo, run),
    rollback: (operation, undo, run) => handlerOf(operation).rollback(operation, undo, run),
    discard: (operation, undo, run) => handlerOf(operation).discard(operation, undo, run),
  };
};

function fieldChecks(table: Table, operation: Operation<'extract'>): Check[] {
  const pairs = fieldPairs(table, operation);
  // A pipeline may make fields that the table does not have.
  if (!operation.data.pipeline) for (const [, from] of pairs) refuseUnknown(table, from);
  const shared = pairs.map(([, from]) => from).find((from) => columnOf(table, from)?.kind === 'static');
  if (shared !== undefined) {
    const message = `${shared} is a static column: it belongs to a partition, and is not copied with rows`;
    return [fail('static_column', message, 'Name the fields to copy, without it.')];
  }
  if (table.columns.some(({ type }) => type.name === 'counter'))
    return [fail('collection_kind', `${table.name} has counters, which cannot be written`, 'Copy it by an ETL spec.')];
  return [];
}

/** New name and old name of each field that is copied. */
function fieldPairs(table: Table, { data }: Operation<'extract'>): (readonly [string, string])[] {
  const { fields } = data;
  if (Array.isArray(fields)) return fields.map((name) => [name, name] as const);
  if (fields) return Object.entries(fields);
  return table.columns.map(({ name }) => [name, name] as const);
}

function maker(store: Store, operation: Operation<'extract'>): CollectionMaker {
  return {
    async createLike(into, like, key) {
      if (await tableExists(store, into)) return;
      const table = await openTable(store, like);
      const columns: NewColumn[] = [];
      for (const [name, from] of fieldPairs(table, operation)) {
        const column = columnOf(table, from);
        if (column) columns.push({ name, type: column.type });
      }
      const computed = await computedColumns(store, operation, new Set(columns.map(({ name }) => name)));
      const own = keyNames(table);
      const same = own.length === key.length && own.every((name, index) => key[index] === name);
      const made = newTable(into, [...columns, ...computed], key, {
        partitionKey: same ? table.partitionKey.map(({ name }) => name) : undefined,
        clusteringOrder: same
          ? Object.fromEntries(table.clusteringKey.map(({ name, descending }) => [name, descending ? -1 : 1]))
          : {},
        statics: [],
        options: {},
      });
      await changeSchema(store, createTableText(store.keyspace, into, made));
    },
    drop: (collection) => dropTable(store, collection),
  };
}

/** Columns for fields that the pipeline makes, with the type of the first value that each of them has; text where none has any. */
async function computedColumns(store: Store, operation: Operation<'extract'>, known: ReadonlySet<string>): Promise<NewColumn[]> {
  const { pipeline, fields } = operation.data;
  if (!pipeline) return [];
  const meets = compileConditions(operation.conditions);
  const edits = compilePipeline(pipeline);
  const sources = Array.isArray(fields) ? fields.map((name) => [name, name] as const) : fields && Object.entries(fields);
  const types = new Map<string, string>();
  for await (const { document } of documentsOf(rowOperations(store), operation.collection)) {
    if (!meets(document)) continue;
    const edited = editDocument(document, edits(document));
    const made = sources ? sources.map(([name, from]) => [name, edited.get(from)] as const) : [...edited];
    for (const [name, value] of made) if (!known.has(name) && !types.has(name)) noteType(types, name, value);
  }
  for (const [name] of sources ?? []) if (!known.has(name) && !types.has(name)) types.set(name, 'text');
  return [...types].map(([name, type]) => ({ name, type: parseCqlType(type) }));
}

function noteType(types: Map<string, string>, name: string, value: PortableValue | undefined): void {
  const type = value === undefined || value === null ? undefined : dynamicType(value);
  if (type) types.set(name, nativeOf(type));
}
