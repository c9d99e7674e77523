import type { OnlineStore, RowOperations } from '@polyshift/adapter-kit';
import { type Check, fail, type OperationHandler, type OperationType } from '@polyshift/core';
import { dropCollection } from '../collections.ts';
import { assumedDefinition } from '../definitions/defined-handler.ts';
import { FieldTypes } from '../definitions/infer-fields.ts';
import { exists } from '../keys/scan-keys.ts';
import { isFree } from '../preconditions.ts';
import type { Store } from '../store.ts';
import { copyExpiry } from './copy-expiry.ts';

/** What the kit must know of Redis so that two versions of a collection can be in use. */
export function onlineStore(
  store: Store,
  operations: RowOperations<Buffer>,
  handler: (type: OperationType) => OperationHandler | undefined,
): OnlineStore<Buffer> {
  return {
    operations,
    handler,
    exists: (collection) => exists(store, collection),

    async cloneStructure(from, to) {
      const definition = (await store.definitions.read(from)) ?? (await assumedDefinition(store, from));
      await store.definitions.put(to, definition);
    },

    drop: (collection) => dropCollection(store, collection),

    // Keys come and go; what polyshift knows of a collection goes only when it is dropped.
    identity: async (collection) => ((await store.definitions.read(collection)) ? 'defined' : 'undefined'),

    nameFree: (collection) => isFree(store, collection),

    async checks({ collection, data }) {
      const checks: Check[] = [];
      const definition = await assumedDefinition(store, collection);
      if (definition.encoding === 'stream')
        checks.push(
          fail(
            'collection_kind',
            `${collection} is a stream, whose entries cannot be changed`,
            'Copy it by extract, and change the copy.',
          ),
        );
      const { new_collection: fresh } = data;
      if (fresh !== undefined && (fresh.startsWith(`${collection}:`) || collection.startsWith(`${fresh}:`)))
        checks.push(
          fail('name', `the keys of ${collection} and ${fresh} would be within one another`, 'Choose another new_collection.'),
        );
      if (fresh !== undefined && store.cluster && definition.indexes.length > 0 && !store.keys.rowsShareSlot(fresh))
        checks.push(
          fail(
            'one_slot',
            `in a cluster ${fresh} needs a hash tag, because the collection has indexes`,
            'Write a part of the name in braces.',
          ),
        );
      return checks;
    },

    // Fields that a pipeline makes are plain texts once the definition says their types.
    async learn(collection, sample) {
      const definition = (await store.definitions.read(collection))!;
      const types = new FieldTypes(definition);
      for (const document of sample) types.add(document);
      await store.definitions.put(collection, types.extended());
    },

    carried: (from, to, keys) => copyExpiry(store, from, to, keys.map(String)),
  };
}
