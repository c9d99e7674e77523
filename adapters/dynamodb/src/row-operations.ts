import type { RowAction, RowOperations, RowStore } from '@polyshift/adapter-kit';
import { PolyshiftError, type PortableDocument } from '@polyshift/core';
import { keyOfItem, keySizeProblem } from './rows/key.ts';
import { refuseLoss } from './rows/row-store.ts';
import { isOwnCollection, noCollection, type Store, tableName } from './store.ts';
import { describe, keyOfTable } from './tables/describe.ts';
import { violationsOf } from './validation.ts';
import type { AttributeValue } from './values/attribute.ts';
import { measureItem } from './values/size.ts';
import { itemOf } from './values/to-attribute.ts';

/** What operations over items need to know of DynamoDB. */
export function rowOperations(store: Store, rows: RowStore<AttributeValue>): RowOperations<AttributeValue> {
  const violations = new Map<string, ((document: PortableDocument) => readonly string[]) | undefined>();
  return {
    store: rows,
    noun: 'item',

    async keyOf(collection) {
      if (isOwnCollection(collection)) return undefined;
      const table = await describe(store, collection);
      if (table === undefined || table.TableStatus === 'DELETING') return undefined;
      return (await keyOfTable(store, collection)).map(({ field }) => field);
    },

    statement: (collection, action) => statement(store, collection, action),

    async open(collection) {
      await keyOfTable(store, collection);
      violations.set(collection, await violationsOf(store, collection));
    },

    build(collection, document) {
      const key = store.keys.get(collection);
      if (!key) throw noCollection(store, collection);
      const item = itemOf(document, refuseLoss);
      const rowKey = keyOfItem(key, item);
      const problem = keySizeProblem(key, item) ?? measureItem(item).problem;
      if (problem) throw new PolyshiftError('CONVERSION_FAILED', problem);
      return { key: rowKey, row: new Map(Object.entries(item)) };
    },

    violations: (collection, document) => violations.get(collection)?.(document) ?? [],
  };
}

/** The request that is sent for one item, with what is bound left open. */
function statement(store: Store, collection: string, action: RowAction): string {
  const TableName = tableName(store, collection);
  if (action.kind === 'insert') {
    return `PutItem ${JSON.stringify({ TableName, Item: '?', ConditionExpression: 'attribute_not_exists(key)' })}`;
  }
  const UpdateExpression = {
    set: (fields: readonly string[]) => `SET ${fields.map((field) => `${field} = ?`).join(', ')}`,
    unset: (fields: readonly string[]) => `REMOVE ${fields.join(', ')}`,
  };
  const text =
    action.kind === 'rename' ? `SET ${action.to} = ? REMOVE ${action.from}` : UpdateExpression[action.kind](action.fields);
  return `UpdateItem ${JSON.stringify({ TableName, Key: '?', UpdateExpression: text, ConditionExpression: 'each as it was' })}`;
}
