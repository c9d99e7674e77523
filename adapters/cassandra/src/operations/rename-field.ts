import { asideName } from '@polyshift/adapter-kit';
import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  type Operation,
  ownValue,
  PolyshiftError,
  type Progress,
  type RunContext,
} from '@polyshift/core';
import { buildIndex, dropIndex } from '../catalog/build-index.ts';
import { droppedColumnCheck } from '../catalog/dropped-columns.ts';
import { indexedColumn, indexFromJson, indexJson, overColumn } from '../catalog/index-definition.ts';
import { columnOf, findTable, openTable } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { udtLookup } from '../catalog/udts.ts';
import { changeColumn } from '../columns/change-column.ts';
import { moveValues } from '../columns/move-values.ts';
import { refuseUnknown } from '../conditions.ts';
import { changeSchema } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import { schemaStep } from '../planned.ts';
import { hasNoViews, isChangeable, nothingExpires } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { Store } from '../store.ts';
import { parseCqlType } from '../values/cql-type.ts';
import type { HandlerOf } from './handler-of.ts';
import { droppable } from './remove-field.ts';

/** What takes a rename back: of a column of the key nothing; else its type and the indexes over it. */
interface Undo extends JsonObject {
  key: boolean;
  type: string;
  indexes: JsonObject;
}

/**
 * rename_field: the store renames columns of the key alone. Any other one is copied into a new column; the old one is dropped when a whole pass
 * over the table finds nothing left to copy.
 */
export const renameField: HandlerOf<'rename_field', Undo> = (store) => {
  const operations = rowOperations(store);
  const { aside } = operations.store;
  const note = async (run: RunContext): Promise<void> => {
    await aside.ensure(asideName(operations, run.aside));
    await aside.put(asideName(operations, run.aside), [{ key: 'dropping', value: true }], 'keep');
  };
  const noted = async (run: RunContext): Promise<boolean> =>
    (await aside.get(asideName(operations, run.aside), ['dropping'])).size > 0;

  /** Adds `to`, copies, drops `from`; `drops` is called before. */
  async function* become(
    operation: Operation<'rename_field'>,
    undo: Undo,
    from: string,
    to: string,
    drops: () => Promise<void>,
    run: RunContext,
  ): AsyncGenerator<Progress> {
    const { collection, batch_size } = operation;
    await run.guard();
    await changeColumn(store, collection, 'ADD', to, parseCqlType(undo.type, await udtLookup(store)));
    await run.fault('column');
    yield* moveValues(operations.store, { collection, from, to, batchSize: batch_size }, run);
    await drops();
    await run.guard();
    for (const name of Object.keys(undo.indexes)) await dropIndex(store, collection, name);
    await changeColumn(store, collection, 'DROP', from);
    await run.fault('dropped');
  }

  const buildOver = async (operation: Operation<'rename_field'>, undo: Undo, column: string, run: RunContext): Promise<void> => {
    for (const [name, definition] of Object.entries(undo.indexes)) {
      const index = overColumn(indexFromJson(name, definition as JsonObject), column);
      await buildIndex(store, operation.collection, index, run);
    }
  };

  return {
    async plan(operation, context) {
      const { old_name, new_name } = operation.data;
      const table = tableName(store.keyspace, operation.collection);
      const collection = ownValue(context.schema.collections, operation.collection);
      const undo = `renames ${new_name} back to ${old_name} in the same way`;
      if (collection?.key.includes(old_name))
        return [schemaStep(`ALTER TABLE ${table} RENAME ${quoted(old_name)} TO ${quoted(new_name)}`, { undo })];
      const type = collection?.fields.find(({ name }) => name === old_name)?.native ?? 'type';
      return [
        schemaStep(`ALTER TABLE ${table} ADD ${quoted(new_name)} ${type}`, { undo }),
        {
          ...schemaStep(operations.statement(operation.collection, { kind: 'rename', from: old_name, to: new_name }), {
            phase: 'migrate',
            risk: 'data_changed',
            undo,
            rows: collection?.approximate_count,
          }),
          lock: { mode: 'one row at a time', held: 'instant' },
        },
        schemaStep(`ALTER TABLE ${table} DROP ${quoted(old_name)}`, { phase: 'contract', risk: 'data_removed', undo }),
      ];
    },

    async check(operation) {
      const { checks, table } = await isChangeable(store, operation.collection);
      if (!table) return checks;
      const { old_name, new_name } = operation.data;
      refuseUnknown(table, old_name);
      if (columnOf(table, new_name))
        return [...checks, fail('new_name_free', `${table.name} has a column ${new_name}`, 'Choose another name.')];
      const column = columnOf(table, old_name)!;
      if (column.kind === 'partition_key' || column.kind === 'clustering')
        return [...checks, ...indexedKey(table.indexes.map(indexedColumn), old_name)];
      return [
        ...checks,
        ...droppable(table, old_name),
        await hasNoViews(store, table.name),
        await droppedColumnCheck(store, table.name, new_name, column.type.text),
        await nothingExpires(store, table, [old_name]),
      ];
    },

    async prepare(operation): Promise<Undo> {
      const table = await openTable(store, operation.collection);
      const { old_name } = operation.data;
      const column = columnOf(table, old_name);
      if (!column) throw new PolyshiftError('UNKNOWN_FIELD', `${table.name} has no column ${old_name}`);
      const over = table.indexes.filter((index) => indexedColumn(index) === old_name);
      return {
        key: column.kind !== 'regular',
        type: column.type.text,
        indexes: Object.fromEntries(over.map((index) => [index.name, indexJson(index)])),
      };
    },

    async *execute(operation, undo, run) {
      const { old_name, new_name } = operation.data;
      await run.guard();
      if (undo.key) await renameKey(store, operation.collection, old_name, new_name);
      else {
        if (columnOf(await openTable(store, operation.collection), old_name))
          yield* become(operation, undo, old_name, new_name, () => note(run), run);
        await buildOver(operation, undo, new_name, run);
      }
      yield { rows_done: 1, rows_total: 1 };
    },

    async verify(operation) {
      const { old_name, new_name } = operation.data;
      const table = await openTable(store, operation.collection);
      const renamed = columnOf(table, new_name) !== undefined && columnOf(table, old_name) === undefined;
      return [
        checkThat(renamed, 'renamed', {
          pass: `${operation.collection} has the column ${new_name}, and no ${old_name}`,
          fail: `${operation.collection} has ${table.columns.map(({ name }) => name).join(', ')}`,
          action: 'Somebody else changes the schema of this keyspace.',
        }),
      ];
    },

    async *rollback(operation, undo, run) {
      const { old_name, new_name } = operation.data;
      const table = await findTable(store, operation.collection);
      if (!table) return yield { rows_done: 0 };
      if (undo.key) {
        await renameKey(store, operation.collection, new_name, old_name);
        return yield { rows_done: 1, rows_total: 1 };
      }
      if (await noted(run)) {
        if (columnOf(table, new_name)) yield* become(operation, undo, new_name, old_name, async () => {}, run);
      } else if (columnOf(table, new_name)) {
        // The old column was never dropped: what it lacks has been written under the new name by the application alone.
        const { collection, batch_size: batchSize } = operation;
        yield* moveValues(operations.store, { collection, from: new_name, to: old_name, batchSize, onlyMissing: true }, run);
        await changeColumn(store, collection, 'DROP', new_name);
      }
      await buildOver(operation, undo, old_name, run);
      yield { rows_done: 1, rows_total: 1 };
    },

    discard: (_operation, _undo, run) => aside.drop(asideName(operations, run.aside)),
  };
};

function indexedKey(indexed: readonly string[], name: string): Check[] {
  if (!indexed.includes(name)) return [];
  return [
    fail(
      'column',
      `${name} is part of the key and indexed: the store renames no such column`,
      'Drop the index by drop_index before.',
    ),
  ];
}

async function renameKey(store: Store, table: string, from: string, to: string): Promise<void> {
  if (!columnOf(await openTable(store, table), from)) return;
  await changeSchema(store, `ALTER TABLE ${tableName(store.keyspace, table)} RENAME ${quoted(from)} TO ${quoted(to)}`);
  await openTable(store, table);
}
