import type { JsonValue } from '@polyshift/core';
import type { Document, FindCursor } from 'mongodb';
import { idFromJson, idOf, idToJson } from '../bson/id.ts';
import { idRange } from '../bson/id-range.ts';
import { both } from '../conditions.ts';
import { hasCode } from '../errors.ts';
import { raw, type Store } from '../store.ts';

/** Bytes of documents that a batch changes in one transaction, about. */
const batchBytes = 16_000_000;

/** The _ids of one batch, in the server's order. */
export interface IdBatch {
  readonly ids: readonly unknown[];
  /** The last of them: a checkpoint to go on after. */
  readonly last: JsonValue;
}

/**
 * The _ids of the documents that meet a filter, in batches, in the order of _id: over one cursor, so that a batch costs no search, and
 * behind the last _id again where the server has closed it.
 */
export async function* idBatches(
  store: Store,
  collection: string,
  filter: Document,
  size: number,
  after: JsonValue | undefined,
): AsyncGenerator<IdBatch> {
  let last = after;
  const open = (): FindCursor => {
    const range = last === undefined ? {} : idRange(idFromJson(last), undefined);
    return store.db
      .collection(collection)
      .find(both(range, filter), { ...raw, projection: { _id: 1 }, sort: { _id: 1 }, batchSize: Math.max(size, 1000) });
  };
  let cursor = open();
  try {
    for (;;) {
      const ids: unknown[] = [];
      try {
        while (ids.length < size && (await cursor.hasNext())) {
          for (const document of cursor.readBufferedDocuments(size - ids.length)) ids.push(idOf(document as unknown as Buffer));
        }
      } catch (error) {
        // 43: closed by the server, because the batch before took longer than it keeps idle cursors.
        if (!hasCode(error, 43)) throw error;
        cursor = open();
        continue;
      }
      if (ids.length === 0) return;
      const batch = { ids, last: idToJson(ids.at(-1)) };
      yield batch;
      last = batch.last;
    }
  } finally {
    await cursor.close();
  }
}

/** The batch size that keeps the documents of a batch below some megabytes, by their average size. */
export async function fitBatch(store: Store, collection: string, wanted: number): Promise<number> {
  const stats: Document = await store.db.command({ collStats: collection }).catch(() => ({}));
  const average = Number(stats['avgObjSize'] ?? 0);
  return average > 0 ? Math.max(1, Math.min(wanted, Math.floor(batchBytes / average))) : wanted;
}
