import type { OnlineStore } from '@polyshift/adapter-kit';
import { type Check, fail, type OperationHandler, type OperationType } from '@polyshift/core';
import { findCollection, getCollection, onlyIndex, takenNames } from '../collection/collection.ts';
import { usersAliases } from '../collection/index-changes.ts';
import { dropCollectionIndex, makeCollection } from '../collection/make-collection.ts';
import { nameOf } from '../collection/names.ts';
import { lastingSettings } from '../mapping/normal-mapping.ts';
import type { Parts } from '../operations/parts.ts';
import { isFree, writableIndex } from '../preconditions.ts';
import type { RawField } from '../rows/raw-field.ts';

/** What the kit must know of Elasticsearch so that two versions of a collection can be in use. */
export function onlineStore(
  { store, operations }: Parts,
  handler: (type: OperationType) => OperationHandler | undefined,
): OnlineStore<RawField> {
  return {
    operations,
    handler,
    exists: async (collection) => (await findCollection(store, collection)) !== undefined,

    async cloneStructure(from, to) {
      const { mappings, settings } = onlyIndex(await getCollection(store, from));
      await makeCollection(store, to, { mappings, settings: lastingSettings(settings) });
    },

    drop: (collection) => dropCollectionIndex(store, collection),

    async identity(collection) {
      const found = await findCollection(store, collection);
      return found && onlyIndex(found).settings['index.uuid'];
    },

    // The index behind an alias is called `items_v1`, and another one after each change that builds one.
    async newName(collection, version) {
      const name = `${collection}_v${version}`;
      return (await takenNames(store)).has(store.prefix + name) ? `${collection}_version${version}` : name;
    },

    nameFree: (collection) => isFree(store, collection),

    async checks({ collection }) {
      const { check, index } = await writableIndex(store, collection);
      if (!index) return [check];
      const checks: Check[] = [check];
      const others = usersAliases(store, index).filter(([alias]) => alias !== nameOf(store, collection));
      if (others.length > 0)
        checks.push(
          fail(
            'aliases',
            `${others.map(([alias]) => alias).join(', ')} stands for the index of ${collection} too, which ends with it`,
            'Remove these aliases first, and give them to the new version afterwards.',
          ),
        );
      if (index.settings['index.blocks.write'] === 'true')
        checks.push(fail('writable', `writes to ${collection} are blocked`, 'Set index.blocks.write to false first.'));
      return checks;
    },
  };
}
