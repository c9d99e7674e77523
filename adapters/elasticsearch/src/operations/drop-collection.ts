import { checkThat, type JsonObject, PolyshiftError } from '@polyshift/core';
import { findCollection, getCollection, onlyIndex } from '../collection/collection.ts';
import { blockWrites, changeAliases, deleteIndex, markedIndex, usersAliases } from '../collection/index-changes.ts';
import { markAlias, nameOf } from '../collection/names.ts';
import { adoptPlainIndex, settleIndex } from '../collection/plain-index.ts';
import { approximateRows, planned, swapLock } from '../planned.ts';
import { isWritableCollection } from '../preconditions.ts';
import { countDocuments } from '../rebuild/copy.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './parts.ts';

/** What rollback needs: what the name was, and all names that the index had. */
interface Undo extends JsonObject {
  plain: boolean;
  blocked: boolean;
  aliases: JsonObject;
}

/** drop_collection: its names go, the index stays aside under a mark. */
export const dropCollection: HandlerOf<'drop_collection', Undo> = ({ store }) => ({
  async plan(operation, context) {
    const alias = store.prefix + operation.collection;
    return [
      planned(
        {
          POST: '_aliases',
          actions: [
            { remove: { index: `${alias}_v?`, alias } },
            { add: { index: `${alias}_v?`, alias: markAlias(store, 'aside', '?') } },
          ],
        },
        {
          phase: 'contract',
          lock: swapLock,
          rows: approximateRows(context, operation.collection),
          risk: 'data_removed',
          undo: 'gives the index its name again, until the migration is finalized',
        },
      ),
    ];
  },

  check: async (operation) => [await isWritableCollection(store, operation.collection)],

  async prepare(operation) {
    const found = await getCollection(store, operation.collection);
    const index = onlyIndex(found);
    const aliases = {
      ...Object.fromEntries(usersAliases(store, index)),
      ...(found.kind === 'plain' ? { [nameOf(store, operation.collection)]: {} } : {}),
    };
    return { plain: found.kind === 'plain', blocked: index.settings['index.blocks.write'] === 'true', aliases };
  },

  async *execute(operation, _undo, run) {
    const mark = markAlias(store, 'aside', run.aside);
    if (!(await markedIndex(store, mark))) {
      const index = onlyIndex(await adoptPlainIndex(store, await getCollection(store, operation.collection), run));
      await run.guard();
      await blockWrites(store, index.index);
      await run.fault('blocked');
      const names = usersAliases(store, index).map(([alias]) => ({ remove: { index: index.index, alias } }));
      await changeAliases(store, [...names, { add: { index: index.index, alias: mark } }]);
      await run.fault('dropped');
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = await findCollection(store, operation.collection);
    return [
      checkThat(found === undefined, 'collection_gone', {
        pass: `${operation.collection} is gone`,
        fail: `${operation.collection} is there again`,
        action: 'The application still writes to it: deploy one that does not.',
      }),
    ];
  },

  async *rollback(operation, undo, run) {
    const mark = markAlias(store, 'aside', run.aside);
    const kept = await markedIndex(store, mark);
    if (kept) {
      await removeEmptySuccessor(store, operation.collection);
      await run.guard();
      const names = Object.entries(undo.aliases).map(([alias, properties]) => ({
        add: { index: kept.index, alias, ...(properties as JsonObject) },
      }));
      await changeAliases(store, [...names, { remove: { index: kept.index, alias: mark } }]);
      await run.fault('restored');
    }
    await settleIndex(store, operation.collection, undo, run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard(_operation, _undo, run) {
    const kept = await markedIndex(store, markAlias(store, 'aside', run.aside));
    if (kept) await deleteIndex(store, kept.index);
  },
});

/** A collection of the same name that has come into being since must not be lost, unless nothing is in it. */
async function removeEmptySuccessor(store: Store, name: string): Promise<void> {
  const found = await findCollection(store, name);
  if (!found) return;
  const count = await countDocuments(store, nameOf(store, name));
  if (count > 0) {
    throw new PolyshiftError('WRITTEN_SINCE', `${name} was created anew since it was dropped, and holds ${count} documents`, {
      hint: 'Rename the new collection first.',
      data: { collection: name, count },
    });
  }
  await deleteIndex(store, onlyIndex(found).index);
}
