import { type JsonObject, type JsonValue, nextChunkSize, type Progress, type RunContext } from '@polyshift/core';
import { idBatches } from '../change/id-batches.ts';
import { collectionOf, type Store } from '../store.ts';
import { countRefused } from './ledger.ts';
import { syncSlices } from './sync-slices.ts';
import type { Versions } from './versions.ts';

/** How far the copy is, as journaled. */
export interface CopyCheckpoint extends JsonObject {
  done: boolean;
  rows_done: number;
  /** Documents that did not fit into the new version when the copy had come to its end. */
  refused: number;
}

/**
 * Copies the documents of the old version, in the order of _id, in chunks of about half a second. Each is brought in step as any other write: one that is
 * there already, changed or deleted meanwhile, is never overwritten and does not come back.
 */
export async function* copyDocuments(
  store: Store,
  versions: Versions,
  batch_size: number,
  run: RunContext,
): AsyncGenerator<Progress> {
  const checkpoint = run.checkpoint as CopyCheckpoint | undefined;
  let rows_done = checkpoint?.rows_done ?? 0;
  if (checkpoint?.done) return;
  const rows_total = await collectionOf(store, versions.old).estimatedDocumentCount();
  let after = checkpoint?.['after'] as JsonValue | undefined;
  let size = batch_size;
  for (;;) {
    const startedAt = performance.now();
    const batch = await firstBatch(store, versions.old, size, after);
    if (!batch) break;
    for await (const _synced of syncSlices(store, versions, batch.ids, run));
    await run.fault('copied');
    rows_done += batch.ids.length;
    after = batch.last;
    await run.save({ done: false, after, rows_done, refused: 0 }, rows_done);
    yield { rows_done, rows_total: Math.max(rows_total, rows_done) };
    size = nextChunkSize(batch.ids.length, performance.now() - startedAt, batch_size);
  }
  const refused = await countRefused(store, versions.ledger);
  await run.save({ done: true, rows_done, refused }, rows_done);
}

async function firstBatch(store: Store, name: string, size: number, after: JsonValue | undefined) {
  for await (const batch of idBatches(store, name, {}, size, after)) return batch;
  return undefined;
}
