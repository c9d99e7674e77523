import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { keyedSink, type RowStore, type SinkStore } from '@polyshift/adapter-kit';
import { type JsonObject, type LoadUndo, PolyshiftError, type Sink, type SinkTarget, type TargetField } from '@polyshift/core';
import { dropCollection } from './collections.ts';
import { deleteItems } from './rows/batch-write.ts';
import { countItems, filteredPages } from './rows/filtered-scan.ts';
import { keyPart } from './rows/key.ts';
import { ItemEncoder } from './sink-encode.ts';
import { shownKey, WaitingTargets } from './sink-waiting.ts';
import { isOwnCollection, type Store, tableName } from './store.ts';
import { createInput } from './tables/create.ts';
import type { KeyField, KeySchema, TableDefinition } from './tables/definition.ts';
import { isThere, keyOfTable } from './tables/describe.ts';
import { keyTypeOf } from './tables/key-types.ts';
import { definitionFromOptions, fieldsOf } from './tables/options.ts';
import { requireFeatures } from './tables/set-option.ts';
import { translateErrors } from './translate-errors.ts';
import { typeTargets } from './types.ts';
import { violationsOf } from './validation.ts';
import type { AttributeValue } from './values/attribute.ts';

/** Items that are deleted in one go. */
const clearPage = 1000;

/**
 * Writes tables. Each item is inserted on the condition that its key is free (rows/insert-rows.ts): BatchWriteItem would write over an item in
 * silence, and a duplicate in the source would be lost.
 */
export function dynamodbSink(store: Store, rows: RowStore<AttributeValue>): Sink {
  const waiting = new WaitingTargets(store);
  const sinkStore: SinkStore<AttributeValue> = {
    store: waiting.rowsOf(rows),

    async state(collection) {
      if (!(await isThere(store, collection))) return 'absent';
      const { Items } = await store.send(
        new ScanCommand({ TableName: tableName(store, collection), Limit: 1, ConsistentRead: true }),
      );
      return Items?.length ? 'filled' : 'empty';
    },

    async plan(target, before) {
      if (isOwnCollection(target.collection)) {
        throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} belongs to polyshift`);
      }
      if (before === 'absent') requireFeatures(store, fieldsOf(target.params?.['options'] ?? null), 'load_params.options');
      else checkKey(target, await keyOfTable(store, target.collection));
      return { statements: statements(store, target, before), fields: fields(target) };
    },

    create: (target) => waiting.create(target),

    async clear(collection) {
      const key = await keyOfTable(store, collection);
      for await (const items of filteredPages(store, { collection, fields: [] }, { segment: 0, total: 1 }, clearPage)) {
        await deleteItems(
          store,
          tableName(store, collection),
          items.map((item) => keyPart(key, item)),
        );
      }
    },

    drop: (collection) => dropCollection(store, collection),
    count: (collection) => countItems(store, collection),

    async encoder(target) {
      const key = waiting.has(target.collection) ? undefined : await keyOfTable(store, target.collection);
      return new ItemEncoder({
        key,
        fields: target.key,
        on_loss: target.on_loss,
        omit_nulls: target.params?.['nulls'] === 'omit',
      });
    },

    finish: (collection) => waiting.settle(collection, undefined),
    violations: (collection) => violationsOf(store, collection),
  };
  const sink = keyedSink(sinkStore);
  const open: Sink['open'] = async (target, undo) =>
    translateErrors(await sink.open(target, undo), `loading ${target.collection}`);
  return translateErrors({ ...sink, open }, 'sink');
}

/** What an absent target becomes, as far as it is known. */
function newDefinition(target: SinkTarget): TableDefinition {
  const key = shownKey(target) ?? target.key.map((field): KeyField => ({ field, type: 'S' }));
  return definitionFromOptions(key, fieldsOf(target.params?.['options'] ?? null), 'load_params.options');
}

function checkKey({ key, columns, dynamic }: SinkTarget, own: KeySchema): void {
  const names = own.map(({ field }) => field);
  if ([...key].sort().join('\0') !== [...names].sort().join('\0')) {
    throw new PolyshiftError('INVALID_DOCUMENT', `the table has the key ${names.join(', ')}, not ${key.join(', ')}`, {
      hint: 'Map the key of the source to these fields.',
    });
  }
  for (const { field, type } of own) {
    const column = columns.find(({ name }) => name === field);
    if (!column && !dynamic && columns.length > 0) {
      throw new PolyshiftError('UNKNOWN_FIELD', `no column is called ${field}, which is part of the key`, {
        hint: `Map the key of the source to ${field}.`,
      });
    }
    if (column && column.type.kind !== 'dynamic' && keyTypeOf(column.type) !== type) {
      throw new PolyshiftError('INVALID_DOCUMENT', `the key ${field} is of type ${type} in the table, not ${column.type.kind}`, {
        hint: 'Convert the field by cast in the transformation rules.',
      });
    }
  }
}

function statements(store: Store, target: SinkTarget, before: LoadUndo['before']): string[] {
  const TableName = tableName(store, target.collection);
  const put: JsonObject = { TableName, Item: '?', ConditionExpression: `attribute_not_exists(${target.key[0]})` };
  return [
    ...(before === 'absent'
      ? [`CreateTable ${JSON.stringify(createInput(store, target.collection, newDefinition(target)))}`]
      : []),
    target.mode === 'upsert'
      ? `PutItem or UpdateItem ${JSON.stringify({ TableName, Item: '?' })}`
      : `PutItem ${JSON.stringify(put)}`,
  ];
}

function fields({ columns }: SinkTarget): TargetField[] {
  return columns.map(({ name, type }) => ({ name, type: typeTargets[type.kind].native, losses: typeTargets[type.kind].losses }));
}
