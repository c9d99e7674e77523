import { type AsideStore, keyList } from '@polyshift/adapter-kit';
import { ConversionError, PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { type ConcreteIndex, findCollection, onlyIndex } from '../collection/collection.ts';
import { allowWrites, blockWrites, changeAliases, deleteIndex, markedIndex, moveAliases } from '../collection/index-changes.ts';
import { markAlias } from '../collection/names.ts';
import { settleIndex } from '../collection/plain-index.ts';
import { allDone, type BulkItem, bulk } from '../documents/bulk.ts';
import type { Store } from '../store.ts';
import { countDocuments, deleteMissing } from './copy.ts';
import type { GenerationUndo, NextIndex, Transformation } from './generation.ts';
import { writtenSince } from './written-since.ts';

/**
 * Takes a rebuild back: the name stands for the old index again, with what the application has written since carried into it. Throws WRITTEN_SINCE,
 * before anything is changed, where such a document cannot be given its old form. Idempotent, also after a rebuild that stopped anywhere.
 */
export async function* swapBack(
  store: Store,
  aside: AsideStore,
  collection: string,
  undo: GenerationUndo,
  transformation: (old: NextIndex) => Transformation,
  run: RunContext,
): AsyncGenerator<Progress> {
  const mark = markAlias(store, 'aside', run.aside);
  // What the name is taken from is marked in the same step, as an index that is being built is: to be deleted, also after a stop.
  const given = markAlias(store, 'next', run.aside);
  const old = await markedIndex(store, mark);
  const found = await findCollection(store, collection);
  // The mark is set and taken away in the steps that swap. What is behind the name may be the index of a later rebuild, taken back in its turn.
  const next = old && found?.kind === 'alias' ? onlyIndex(found) : undefined;
  if (old && next) {
    const rows_done = await carryBack(store, aside, collection, next, old, undo.next, transformation(old), run);
    yield { rows_done, rows_total: rows_done };
    await run.guard();
    await changeAliases(store, [
      ...moveAliases(store, next, old.index),
      { remove: { index: old.index, alias: mark } },
      { add: { index: next.index, alias: given } },
    ]);
    await run.fault('swapped_back');
  }
  const now = old ? await findCollection(store, collection) : found;
  const left = await markedIndex(store, given);
  for (const index of new Set([undo.next, ...(left ? [left.index] : [])])) {
    if (!now || onlyIndex(now).index === index) continue;
    await run.guard();
    await deleteIndex(store, index);
    await run.fault('deleted');
  }
  await settleIndex(store, collection, undo, run);
}

/** Writes what was written since into the old index; returns how many documents that were. */
async function carryBack(
  store: Store,
  aside: AsideStore,
  collection: string,
  next: ConcreteIndex,
  old: ConcreteIndex,
  built: string,
  transformation: Transformation,
  run: RunContext,
): Promise<number> {
  await run.guard();
  await blockWrites(store, next.index);
  await run.fault('blocked');
  const refused: string[] = [];
  let inserted = 0;
  let changed = false;
  for await (const batch of writtenSince(store, aside, next, old.index, built, run)) {
    for (const { document, old: before } of batch) {
      try {
        const { canonical } = transformation.backward(document, before);
        changed ||= canonical !== before?.canonical;
      } catch (error) {
        if (!(error instanceof ConversionError)) throw error;
        refused.push(document.id);
      }
      if (!before) inserted++;
    }
  }
  if (refused.length > 0) {
    await allowWrites(store, next.index);
    throw new PolyshiftError(
      'WRITTEN_SINCE',
      `${refused.length} documents of ${collection} were written since, and cannot be given the form that they had before: ${keyList(refused)}`,
      { hint: 'Nothing was rolled back. Keep those documents elsewhere first.', data: { collection, count: refused.length } },
    );
  }
  const deleted = (await countDocuments(store, old.index)) + inserted - (await countDocuments(store, next.index));
  if (!changed && deleted === 0) return 0;
  await allowWrites(store, old.index);
  let carried = 0;
  for await (const batch of writtenSince(store, aside, next, old.index, built, run)) {
    await run.guard();
    const items = batch.flatMap(({ document, old: before }): BulkItem[] => {
      const { id, routing, text, canonical } = transformation.backward(document, before);
      return canonical === before?.canonical ? [] : [{ index: old.index, action: 'index', id, routing, text }];
    });
    allDone(items, await bulk(store, items), `carrying back into ${old.index}`);
    await run.fault('carried');
    carried += items.length;
  }
  if (deleted > 0) carried += (await deleteMissing(store, old.index, next.index)).length;
  return carried;
}
