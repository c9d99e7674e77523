import type { RunContext } from '@polyshift/core';
import { fitBatch } from '../change/id-batches.ts';
import type { Store } from '../store.ts';
import { type Synced, syncIds } from './sync.ts';
import type { Versions } from './versions.ts';

/** Documents that are read and written together, at most: what one transaction changes in a moment. */
const mostDocuments = 500;

/** How many documents are read and written together: fewer where those of the old version, or of a part, are large. */
export async function sliceSize(store: Store, versions: Versions): Promise<number> {
  const all = [versions.old, ...versions.parts.map(({ collection }) => collection)];
  return Math.min(...(await Promise.all(all.map((name) => fitBatch(store, name, mostDocuments)))));
}

/** Brings any number of _ids in step, slice by slice. */
export async function* syncSlices(
  store: Store,
  versions: Versions,
  ids: readonly unknown[],
  run: RunContext,
): AsyncGenerator<Synced> {
  if (ids.length === 0) return;
  const size = await sliceSize(store, versions);
  for (let from = 0; from < ids.length; from += size) {
    await run.guard();
    const synced = await syncIds(store, versions, ids.slice(from, from + size), run);
    await run.fault('synced');
    yield synced;
  }
}
