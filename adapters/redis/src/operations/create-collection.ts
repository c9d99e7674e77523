import { checkThat, PolyshiftError } from '@polyshift/core';
import { stateOf } from '../collections.ts';
import { createdDefinition } from '../definitions/definition-of.ts';
import { planned } from '../planned.ts';
import { isFree } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';

/** create_collection: writes the definition; Redis needs nothing else. */
export const createCollection: HandlerOf<'create_collection'> = (store) => ({
  async plan(operation) {
    return [
      planned(
        `HSET ${store.keys.shared('collections')} ${operation.collection} ${JSON.stringify(createdDefinition(operation.data))}`,
        {
          risk: 'none',
          undo: 'deletes the definition; refused while the collection holds rows',
        },
      ),
    ];
  },

  async check(operation) {
    createdDefinition(operation.data);
    return [await isFree(store, operation.collection)];
  },

  prepare: async () => ({}),

  async *execute(operation, _undo, run) {
    await run.guard();
    await store.definitions.change(operation.collection, (found) => found ?? createdDefinition(operation.data));
    await run.fault('defined');
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    return [
      checkThat((await store.definitions.read(operation.collection)) !== undefined, 'collection_exists', {
        pass: `${operation.collection} is defined`,
        fail: `${operation.collection} has no definition`,
        action: 'Somebody else changes the definitions.',
      }),
    ];
  },

  async *rollback(operation, _undo, run) {
    if ((await stateOf(store, operation.collection)) === 'filled')
      throw new PolyshiftError('WRITTEN_SINCE', `${operation.collection} holds rows that the migration did not put there`, {
        hint: 'Rename the collection to keep them, or delete them first.',
      });
    await run.guard();
    await store.definitions.put(operation.collection, undefined);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
