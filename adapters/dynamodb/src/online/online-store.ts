import type { OnlineStore, RowOperations } from '@polyshift/adapter-kit';
import {
  dynamicType,
  type JsonObject,
  type Operation,
  type OperationHandler,
  type OperationType,
  type PortableDocument,
} from '@polyshift/core';
import { collectionMover } from '../collections.ts';
import { canBeReplaced, nameIsFree } from '../preconditions.ts';
import type { Store } from '../store.ts';
import { describe, isThere } from '../tables/describe.ts';
import { keyTypeOf } from '../tables/key-types.ts';
import { fieldsOf } from '../tables/options.ts';
import type { AttributeValue } from '../values/attribute.ts';

/** What the kit must know of DynamoDB so that two versions of a table can be in use. */
export function onlineStore(
  store: Store,
  operations: RowOperations<AttributeValue>,
  handler: (type: OperationType) => OperationHandler | undefined,
): OnlineStore<AttributeValue> {
  const mover = collectionMover(store);
  return {
    operations,
    handler,
    exists: (collection) => isThere(store, collection),
    cloneStructure: (from, to) => mover.cloneStructure(from, to),
    drop: (collection) => mover.drop(collection),

    async identity(collection) {
      const table = await describe(store, collection);
      if (!table || table.TableStatus === 'DELETING') return undefined;
      return table.TableId ?? String(table.CreationDateTime?.getTime());
    },

    nameFree: (collection) => nameIsFree(store, collection),
    checks: ({ collection }) => canBeReplaced(store, collection),
    adapt: async (operation, sample) =>
      operation.type === 'create_index' ? withKeyTypes(operation as Operation<'create_index'>, sample) : operation,
    note: 'each pass reads both tables whole',
  };
}

/** An index with the types of its attributes, which an empty table does not show. */
function withKeyTypes(operation: Operation<'create_index'>, sample: readonly PortableDocument[]): Operation<'create_index'> {
  const { data } = operation;
  const key_types: JsonObject = {};
  for (const field of Object.keys(data.keys)) {
    const value = sample.find((document) => dynamicType(document.get(field) ?? null) !== undefined)?.get(field);
    const type = value === undefined ? undefined : keyTypeOf(dynamicType(value)!);
    if (type !== undefined) key_types[field] = type;
  }
  const given = fieldsOf(data.options?.['key_types'] ?? null);
  return { ...operation, data: { ...data, options: { ...data.options, key_types: { ...key_types, ...given } } } };
}
