import { type Check, checkThat, fail } from '@polyshift/core';
import { exists } from '../keys/scan-keys.ts';
import { moveCollection } from '../move-collection.ts';
import { planned } from '../planned.ts';
import { isFree, isThere } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';

/** rename_collection: every key is renamed, one by one; readers must look under both names meanwhile. */
export const renameCollection: HandlerOf<'rename_collection'> = (store) => ({
  async plan({ collection, data }, context) {
    const [from, to] = [store.keys.rows(collection), store.keys.rows(data.new_name)];
    return [
      planned(store.cluster ? `RENAMENX ${from}? ${to}? (in one slot), else DUMP, RESTORE, UNLINK` : `RENAMENX ${from}? ${to}?`, {
        phase: 'migrate',
        rows: context.schema.collections[collection]?.approximate_count,
        risk: 'none',
        undo: 'renames every key back',
      }),
    ];
  },

  async check({ collection, data }) {
    const there = await isThere(store, collection);
    if (there.status === 'FAILED') return [there];
    const checks: Check[] = [there, await isFree(store, data.new_name)];
    if (data.new_name.startsWith(`${collection}:`) || collection.startsWith(`${data.new_name}:`))
      checks.push(
        fail(
          'name',
          `the keys of ${collection} and ${data.new_name} would be within one another`,
          'Rename by way of a third name.',
        ),
      );
    const indexed = store.definitions.known(collection).indexes.length > 0;
    if (store.cluster && indexed && !store.keys.rowsShareSlot(data.new_name))
      checks.push(
        fail(
          'one_slot',
          `in a cluster ${data.new_name} needs a hash tag, because the collection has indexes`,
          'Write a part of the name in braces.',
        ),
      );
    return checks;
  },

  prepare: async () => ({}),

  execute: ({ collection, data }, _undo, run) => moveCollection(store, collection, data.new_name, run),

  async verify({ collection, data }) {
    return [
      checkThat(await exists(store, data.new_name), 'collection_exists', {
        pass: `${data.new_name} is there`,
        fail: `there is no collection ${data.new_name}`,
        action: 'Somebody else renames or deletes the keys.',
      }),
      checkThat(!(await exists(store, collection)), 'collection_gone', {
        pass: `${collection} is gone`,
        fail: `${collection} is there again`,
        action: 'The application still writes to it: deploy one that does not, then run again.',
      }),
    ];
  },

  rollback: ({ collection, data }, _undo, run) => moveCollection(store, data.new_name, collection, run),

  async discard() {},
});
