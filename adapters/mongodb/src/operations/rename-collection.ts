import { type Check, fail, PolyshiftError, pass } from '@polyshift/core';
import { renameCollection as rename } from '../collection-rename.ts';
import { catalogLock, planned } from '../planned.ts';
import { isFree, isWritableCollection, listed } from '../preconditions.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** rename_collection: its documents, indexes, options and validation go with it. */
export const renameCollection: HandlerOf<'rename_collection'> = (store) => ({
  async plan(operation) {
    return [
      planned(
        { renameCollection: operation.collection, to: operation.data.new_name },
        {
          phase: 'contract',
          lock: catalogLock(operation.collection),
          risk: 'none',
          undo: `renames it back to ${operation.collection}`,
        },
      ),
    ];
  },

  async check(operation): Promise<Check[]> {
    return [...(await isWritableCollection(store, operation.collection)), await isFree(store, operation.data.new_name)];
  },

  async prepare() {
    return {};
  },

  async *execute(operation) {
    await move(store, operation.collection, operation.data.new_name);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const [old, renamed] = [await listed(store, operation.collection), await listed(store, operation.data.new_name)];
    return [
      renamed
        ? pass('collection_exists', `${operation.data.new_name} is there`)
        : fail('collection_exists', `there is no ${operation.data.new_name}`, 'Somebody else has renamed or dropped it.'),
      old
        ? fail(
            'old_name_free',
            `${operation.collection} is there again`,
            'The application writes to the old name: deploy the new one first.',
          )
        : pass('old_name_free', `${operation.collection} is gone`),
    ];
  },

  async *rollback(operation) {
    await move(store, operation.data.new_name, operation.collection);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

async function move(store: Store, from: string, to: string): Promise<void> {
  const [source, target] = [await listed(store, from), await listed(store, to)];
  // An earlier attempt has renamed it; the same call twice is the same as once.
  if (!source && target) return;
  if (source && target) {
    throw new PolyshiftError('WRITTEN_SINCE', `there are both ${from} and ${to}: somebody has created ${to} since`, {
      hint: `Rename or drop ${to} by hand, then run again.`,
    });
  }
  await rename(store, from, to);
}
