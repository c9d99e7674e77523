import { type Check, fail, type JsonObject, type Operation, type OperationHandler, pass } from '@polyshift/core';
import { approximateRows, planned } from '../planned.ts';
import { tableExists } from '../preconditions.ts';
import { stopsWith } from '../stops-with.ts';
import { type Store, tableName } from '../store.ts';
import { globalIndexInput } from '../tables/create.ts';
import type { IndexDefinition, TableDefinition } from '../tables/definition.ts';
import { definitionOfTable, readTable } from '../tables/describe.ts';
import { attributesFit } from './attribute-check.ts';
import { buildIndex, dropIndex, indexesOf, sameIndex } from './build.ts';

/** The operations that make an index. */
type IndexOperation = 'create_index' | 'add_gsi';

interface Undo extends JsonObject {
  index: IndexDefinition;
  existed: boolean;
}

/** What one of the operations asks for. */
export interface IndexRequest<Type extends IndexOperation> {
  /** The index; types that the operation does not say are found out from the table. */
  index(operation: Operation<Type>, table: TableDefinition): Promise<IndexDefinition>;
  /** What the service cannot do of it. */
  refused(operation: Operation<Type>): Check[];
}

/** Makes a global secondary index while the table is in use; an identical one that is there already is left, and survives rollback. */
export function indexHandler<Type extends IndexOperation>(
  store: Store,
  request: IndexRequest<Type>,
): OperationHandler<Type, Undo> {
  return {
    async plan(operation, context) {
      const table = await readTable(store, operation.collection);
      const index =
        table && request.refused(operation).length === 0 ? await request.index(operation, table.definition) : undefined;
      return [
        planned(
          'UpdateTable',
          {
            TableName: tableName(store, operation.collection),
            GlobalSecondaryIndexUpdates: [{ Create: index ? globalIndexInput(index) : { IndexName: operation.data.name } }],
          },
          {
            rows: approximateRows(context, operation.collection),
            risk: 'none',
            undo: `drops the index ${operation.data.name}, unless an identical one was there before`,
          },
        ),
      ];
    },

    async check(operation) {
      const there = await tableExists(store, operation.collection);
      if (there.status === 'FAILED') return [there];
      const refused = request.refused(operation);
      if (refused.length > 0) return [there, ...refused];
      const { name } = operation.data;
      if (!/^[a-zA-Z0-9_.-]{3,255}$/.test(name)) return [there, noIndexName(name)];
      const definition = await definitionOfTable(store, operation.collection);
      const index = await request.index(operation, definition);
      const named = definition.indexes.find(({ name }) => name === index.name);
      if (named && sameIndex(named, index)) return [there, pass('name_free', `the index ${index.name} is there already`)];
      if (named) return [there, otherDefinition(named)];
      return [
        there,
        pass('name_free', `${index.name} is free`),
        ...typeConflicts(definition, index),
        await attributesFit(store, operation.collection, index),
      ];
    },

    async prepare(operation) {
      const definition = await definitionOfTable(store, operation.collection);
      const index = await request.index(operation, definition);
      return { index, existed: definition.indexes.some(({ name }) => name === index.name) };
    },

    async *execute(operation, undo, run) {
      yield { rows_done: 0, note: `building index ${undo.index.name}` };
      await run.guard();
      await run.fault('building');
      await buildIndex(store, operation.collection, undo.index, stopsWith(run));
      yield { rows_done: 1, rows_total: 1 };
    },

    async verify(operation, undo) {
      const found = (await indexesOf(store, operation.collection)).get(undo.index.name);
      return [
        found && sameIndex(found, undo.index)
          ? pass('index_present', `the index ${undo.index.name} is there and filled`)
          : fail(
              'index_present',
              `there is no index ${undo.index.name} as it was asked for`,
              'Somebody else changes the indexes of this table.',
            ),
      ];
    },

    async *rollback(operation, undo, run) {
      await run.guard();
      if (!undo.existed) await dropIndex(store, operation.collection, undo.index.name, stopsWith(run));
      yield { rows_done: 1, rows_total: 1 };
    },

    async discard() {},
  };
}

function noIndexName(name: string): Check {
  return fail('name', `${JSON.stringify(name)} cannot be the name of an index`, 'Take 3 to 255 letters, digits, _, - and .');
}

function otherDefinition(index: IndexDefinition): Check {
  return fail(
    'name_free',
    `the index ${index.name} is there with another definition: ${JSON.stringify(index)}`,
    'Choose another name, or drop it first by drop_index.',
  );
}

/** An attribute has one type in all keys of a table. */
function typeConflicts(definition: TableDefinition, index: IndexDefinition): Check[] {
  const keys = [definition.key, ...definition.indexes.map(({ key }) => key)].flat();
  return index.key.flatMap(({ field, type }) => {
    const other = keys.find((part) => part.field === field && part.type !== type);
    if (!other) return [];
    return [fail('key_type', `${field} is of type ${other.type} in another key of the table, not ${type}`, 'Give it that type.')];
  });
}
