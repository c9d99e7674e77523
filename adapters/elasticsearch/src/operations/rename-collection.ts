import { checkThat, type JsonObject, PolyshiftError, type RunContext } from '@polyshift/core';
import { findCollection, getCollection, onlyIndex } from '../collection/collection.ts';
import { changeAliases } from '../collection/index-changes.ts';
import { nameOf } from '../collection/names.ts';
import { adoptPlainIndex, settleIndex } from '../collection/plain-index.ts';
import { planned } from '../planned.ts';
import { isFree, isWritableCollection } from '../preconditions.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './parts.ts';

/** What the name was. */
interface Undo extends JsonObject {
  plain: boolean;
  blocked: boolean;
}

/** rename_collection: the index gets another alias in place of the one it has, in one step. */
export const renameCollection: HandlerOf<'rename_collection', Undo> = ({ store }) => ({
  async plan(operation) {
    const alias = store.prefix + operation.collection;
    const index = `${alias}_v?`;
    return [
      planned(
        {
          POST: '_aliases',
          actions: [{ remove: { index, alias } }, { add: { index, alias: store.prefix + operation.data.new_name } }],
        },
        {
          phase: 'contract',
          lock: { mode: 'cluster state', held: 'instant' },
          risk: 'none',
          undo: `renames it back to ${operation.collection}`,
        },
      ),
    ];
  },

  check: async (operation) => [
    await isWritableCollection(store, operation.collection),
    await isFree(store, operation.data.new_name),
  ],

  async prepare(operation) {
    const found = await getCollection(store, operation.collection);
    return { plain: found.kind === 'plain', blocked: onlyIndex(found).settings['index.blocks.write'] === 'true' };
  },

  async *execute(operation, _undo, run) {
    const found = await findCollection(store, operation.collection);
    if (found) await adoptPlainIndex(store, found, run);
    await move(store, operation.collection, operation.data.new_name, run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const [old, renamed] = [
      await findCollection(store, operation.collection),
      await findCollection(store, operation.data.new_name),
    ];
    return [
      checkThat(renamed !== undefined, 'collection_exists', {
        pass: `${operation.data.new_name} is there`,
        fail: `there is no ${operation.data.new_name}`,
        action: 'Somebody else has renamed or dropped it.',
      }),
      checkThat(old === undefined, 'old_name_free', {
        pass: `${operation.collection} is gone`,
        fail: `${operation.collection} is there again`,
        action: 'The application writes to the old name: deploy the new one first.',
      }),
    ];
  },

  async *rollback(operation, undo, run) {
    await move(store, operation.data.new_name, operation.collection, run);
    await settleIndex(store, operation.collection, undo, run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

async function move(store: Store, from: string, to: string, run: RunContext): Promise<void> {
  const [source, target] = [await findCollection(store, from), await findCollection(store, to)];
  // An earlier attempt has renamed it; the same call twice is the same as once.
  if (!source) return;
  if (target) {
    throw new PolyshiftError('WRITTEN_SINCE', `there are both ${from} and ${to}: somebody has created ${to} since`, {
      hint: `Rename or drop ${to} by hand, then run again.`,
    });
  }
  const { index, aliases } = onlyIndex(source);
  await run.guard();
  await changeAliases(store, [
    { remove: { index, alias: nameOf(store, from) } },
    { add: { index, alias: nameOf(store, to), ...aliases[nameOf(store, from)] } },
  ]);
  await run.fault('renamed');
}
