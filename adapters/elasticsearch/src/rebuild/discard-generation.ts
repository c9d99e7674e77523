import type { AsideStore } from '@polyshift/adapter-kit';
import type { RunContext } from '@polyshift/core';
import { deleteIndex, markedIndex } from '../collection/index-changes.ts';
import { markAlias } from '../collection/names.ts';
import type { Store } from '../store.ts';
import { swapNotes } from './generation.ts';

/** Deletes what a rebuild keeps aside. Idempotent. */
export async function discardGeneration(store: Store, aside: AsideStore, run: RunContext): Promise<void> {
  const old = await markedIndex(store, markAlias(store, 'aside', run.aside));
  if (old) await deleteIndex(store, old.index);
  await aside.drop(swapNotes(run));
}
