import { asideName } from '@polyshift/adapter-kit';
import { type Check, checkThat, fail, type JsonObject } from '@polyshift/core';
import { buildIndex, dropIndex } from '../catalog/build-index.ts';
import { indexedColumn, indexFromJson, indexJson } from '../catalog/index-definition.ts';
import { columnOf, findTable, openTable, type Table } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { udtLookup } from '../catalog/udts.ts';
import { changeColumn } from '../columns/change-column.ts';
import { keepValues, restoreValues } from '../columns/kept-values.ts';
import { refuseUnknown } from '../conditions.ts';
import { quoted } from '../cql/identifier.ts';
import { schemaStep } from '../planned.ts';
import { hasNoViews, isChangeable, nothingExpires } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import { isMultiCell, parseCqlType } from '../values/cql-type.ts';
import type { HandlerOf } from './handler-of.ts';

/** What brings the column back: its type, and the indexes over it. */
interface Undo extends JsonObject {
  type: string;
  indexes: JsonObject;
}

/** remove_field: the values are kept aside, then ALTER TABLE DROP. */
export const removeField: HandlerOf<'remove_field', Undo> = (store) => {
  const operations = rowOperations(store);
  const columnOfStep = (
    operation: { collection: string; data: { field_name: string }; batch_size: number },
    run: { aside: string },
  ) => ({
    collection: operation.collection,
    field: operation.data.field_name,
    place: asideName(operations, run.aside),
    batchSize: operation.batch_size,
  });
  return {
    async plan(operation, context) {
      const { field_name } = operation.data;
      const rows = context.schema.collections[operation.collection]?.approximate_count;
      const table = tableName(store.keyspace, operation.collection);
      return [
        schemaStep(`SELECT ${quoted(field_name)} FROM ${table}, into what is kept aside`, {
          phase: 'migrate',
          rows,
          undo: 'nothing to undo',
        }),
        schemaStep(`ALTER TABLE ${table} DROP ${quoted(field_name)}`, {
          phase: 'contract',
          risk: 'data_removed',
          undo: 'adds the column again, with every value and its indexes',
        }),
      ];
    },

    async check(operation) {
      const { checks, table } = await isChangeable(store, operation.collection);
      if (!table) return checks;
      const { field_name } = operation.data;
      refuseUnknown(table, field_name);
      const more = [
        ...droppable(table, field_name),
        await hasNoViews(store, table.name),
        await nothingExpires(store, table, [field_name]),
      ];
      if (operation.conditions !== undefined && Object.keys(operation.conditions).length > 0)
        more.push(fail('conditions', 'a column goes from all rows', 'Unset it in some of them by migrate_data with $unset.'));
      return [...checks, ...more];
    },

    async prepare(operation): Promise<Undo> {
      const table = await openTable(store, operation.collection);
      const over = table.indexes.filter((index) => indexedColumn(index) === operation.data.field_name);
      return {
        type: columnOf(table, operation.data.field_name)!.type.text,
        indexes: Object.fromEntries(over.map((index) => [index.name, indexJson(index)])),
      };
    },

    async *execute(operation, undo, run) {
      const { collection, data } = operation;
      const table = await openTable(store, collection);
      if (!columnOf(table, data.field_name)) return yield { rows_done: 0 };
      yield* keepValues(store, operations.store, columnOfStep(operation, run), run);
      await run.guard();
      for (const name of Object.keys(undo.indexes)) await dropIndex(store, collection, name);
      await run.fault('indexes');
      await changeColumn(store, collection, 'DROP', data.field_name);
      await run.fault('dropped');
    },

    async verify(operation) {
      const table = await findTable(store, operation.collection);
      const gone = table !== undefined && columnOf(table, operation.data.field_name) === undefined;
      return [
        checkThat(gone, 'field_gone', {
          pass: `${operation.collection} has no column ${operation.data.field_name}`,
          fail: `${operation.collection} has a column ${operation.data.field_name}`,
          action: 'Somebody else has added it again.',
        }),
      ];
    },

    async *rollback(operation, undo, run) {
      const { collection, data } = operation;
      if (!(await findTable(store, collection))) return yield { rows_done: 0 };
      await changeColumn(store, collection, 'ADD', data.field_name, parseCqlType(undo.type, await udtLookup(store)));
      await run.fault('column');
      yield* restoreValues(operations.store, columnOfStep(operation, run), run);
      for (const [name, definition] of Object.entries(undo.indexes))
        await buildIndex(store, collection, indexFromJson(name, definition as JsonObject), run);
    },

    discard: (_operation, _undo, run) => operations.store.aside.drop(asideName(operations, run.aside)),
  };
};

/** The checks that the store drops a column, and takes it back. */
export function droppable(table: Table, name: string): Check[] {
  const column = columnOf(table, name)!;
  const refuse = (message: string, action: string): Check[] => [fail('column', message, action)];
  if (column.kind === 'partition_key' || column.kind === 'clustering')
    return refuse(`${name} is part of the key of ${table.name}`, 'Copy the table by extract with another key.');
  if (column.kind === 'static')
    return refuse(
      `${name} is a static column: it belongs to partitions, and its values are not kept with rows`,
      'Copy the table by extract.',
    );
  if (isMultiCell(column.type) && column.type.name === 'udt')
    return refuse(
      `the store drops no column of a user-defined type that is not frozen, like ${name}`,
      'Unset it by migrate_data.',
    );
  return [];
}
