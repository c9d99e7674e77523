import { addField as fillField } from '@polyshift/adapter-kit';
import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  literalOf,
  type Operation,
  type TypeReference,
  warn,
} from '@polyshift/core';
import { droppedColumnCheck } from '../catalog/dropped-columns.ts';
import { columnOf, findTable } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { udtLookup } from '../catalog/udts.ts';
import { changeColumn } from '../columns/change-column.ts';
import { rowConditions } from '../conditions.ts';
import { quoted } from '../cql/identifier.ts';
import { schemaStep } from '../planned.ts';
import { hasNoViews, isChangeable } from '../preconditions.ts';
import { exactBytes } from '../rows/codec.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { Store } from '../store.ts';
import { cqlTypeOf } from '../types.ts';
import type { CqlType } from '../values/cql-type.ts';
import { keepWritten } from '../written-since.ts';
import type { HandlerOf } from './handler-of.ts';

/** add_field: ALTER TABLE ADD, then the default for the rows that lack it. */
export const addField: HandlerOf<'add_field'> = (store) => {
  const operations = rowOperations(store);
  const handler = fillField(operations);
  return {
    async plan(operation, context) {
      const { field_name, default_value } = operation.data;
      const type = await wantedType(store, operation);
      const add = `ALTER TABLE ${tableName(store.keyspace, operation.collection)} ADD ${quoted(field_name)} ${type.text}`;
      const undo = `drops the column ${field_name}; values that were written into it since are kept aside`;
      return [schemaStep(add, { undo }), ...(default_value === undefined ? [] : await handler.plan(operation, context))];
    },

    async check(operation) {
      const { checks, table } = await isChangeable(store, operation.collection);
      if (!table) return checks;
      const { field_name, default_value, type, nullable, comment } = operation.data;
      if (columnOf(table, field_name))
        return [...checks, fail('field_free', `${table.name} has a column ${field_name}`, 'Choose another name.')];
      if (type === undefined && default_value === undefined)
        return [...checks, fail('type', 'neither type nor default_value says what the column holds', 'Give a type.')];
      const wanted = await wantedType(store, operation);
      rowConditions(table, operation.conditions);
      const more: Check[] = [
        await hasNoViews(store, table.name),
        await droppedColumnCheck(store, table.name, field_name, wanted.text),
      ];
      if (default_value !== undefined) {
        const literal = literalOf(default_value);
        exactBytes(wanted, 'default_value', literal.type, literal.value);
        if (field_name.includes('.'))
          more.push(
            fail(
              'field_name',
              'a name with a point leads into a value',
              'Add the column without a default, and fill it by the application.',
            ),
          );
      }
      if (!nullable)
        more.push(warn('nullable', 'Cassandra enforces a value in the key alone', 'Use schema_validation for what must hold.'));
      if (comment !== undefined) more.push(warn('comment', 'Cassandra has no comments on columns', 'Leave the comment out.'));
      return [...checks, ...more];
    },

    prepare: async (): Promise<JsonObject> => ({}),

    async *execute(operation, undo, run) {
      const { collection, data } = operation;
      await run.guard();
      await changeColumn(store, collection, 'ADD', data.field_name, await wantedType(store, operation));
      await run.fault('column');
      if (data.default_value !== undefined) yield* handler.execute(operation, undo, run);
      else yield { rows_done: 0, rows_total: 0 };
    },

    async verify(operation, undo, run) {
      const { field_name, default_value } = operation.data;
      const table = await findTable(store, operation.collection);
      const there = table !== undefined && columnOf(table, field_name) !== undefined;
      const check = checkThat(there, 'column_present', {
        pass: `${operation.collection} has the column ${field_name}`,
        fail: `${operation.collection} has no column ${field_name}`,
        action: 'Somebody else changes the schema of this keyspace.',
      });
      return !there || default_value === undefined ? [check] : [check, ...(await handler.verify(operation, undo, run))];
    },

    async *rollback(operation, _undo, run) {
      const { collection, data } = operation;
      const table = await findTable(store, collection);
      const column = table && columnOf(table, data.field_name);
      if (!column) return yield { rows_done: 0 };
      const literal = literalOf(data.default_value ?? null);
      const ours = exactBytes(column.type, data.field_name, literal.type, literal.value);
      yield* keepWritten(operations.store, { collection, field: data.field_name, ours }, run);
      await run.guard();
      await changeColumn(store, collection, 'DROP', data.field_name);
    },

    discard: (operation, undo, run) => handler.discard(operation, undo, run),
  };
};

/** The type asked for, or the one that the default shows. */
async function wantedType(store: Store, { data }: Operation<'add_field'>): Promise<CqlType> {
  const reference: TypeReference = data.type ?? literalOf(data.default_value ?? '').type;
  return cqlTypeOf(reference, await udtLookup(store));
}
