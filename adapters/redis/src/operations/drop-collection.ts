import { checkThat } from '@polyshift/core';
import { dropCollection as dropForGood } from '../collections.ts';
import { exists } from '../keys/scan-keys.ts';
import { moveCollection } from '../move-collection.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_collection: every key is renamed aside, with its time to live, until the migration is finalized. */
export const dropCollection: HandlerOf<'drop_collection'> = (store) => ({
  async plan({ collection }, context) {
    return [
      planned(`RENAMENX ${store.keys.rows(collection)}? ${store.keys.prefix}${store.keys.dropped('?', collection)}:?`, {
        phase: 'contract',
        rows: context.schema.collections[collection]?.approximate_count,
        risk: 'data_removed',
        undo: 'renames every key back, until the migration is finalized',
      }),
    ];
  },

  check: async ({ collection }) => [await isThere(store, collection)],

  prepare: async () => ({}),

  execute: ({ collection }, _undo, run) => moveCollection(store, collection, store.keys.dropped(run.aside, collection), run),

  async verify({ collection }) {
    return [
      checkThat(!(await exists(store, collection)), 'collection_gone', {
        pass: `${collection} is gone`,
        fail: `${collection} is there again`,
        action: 'The application still writes to it: deploy one that does not.',
      }),
    ];
  },

  rollback: ({ collection }, _undo, run) => moveCollection(store, store.keys.dropped(run.aside, collection), collection, run),

  discard: ({ collection }, _undo, run) => dropForGood(store, store.keys.dropped(run.aside, collection)),
});
