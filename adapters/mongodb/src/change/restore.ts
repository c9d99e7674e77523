import type { Progress, RunContext } from '@polyshift/core';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey, idList } from '../bson/id.ts';
import { raw, type Store } from '../store.ts';
import { contention, maxRounds } from './contention.ts';
import { type Image, readImage } from './image.ts';
import { mergeBack } from './merge-back.ts';
import { currentDocuments, type Replacement, replaceUnchanged } from './replace.ts';

const batchSize = 1000;

/**
 * Takes a change back from the images kept aside: a document that is as the change left it gets its before-image back, whole; of one that the
 * application has written since, only the fields that still hold what the change gave them. What the application has deleted stays
 * deleted. Idempotent, so it needs no checkpoint. Writes past validators: old documents may be older than they are.
 */
export async function* restoreImages(store: Store, collection: string, aside: string, run: RunContext): AsyncGenerator<Progress> {
  const rows_total = await store.db
    .collection(aside)
    .estimatedDocumentCount()
    .catch(() => 0);
  let rows_done = 0;
  for await (const images of imageBatches(store, aside)) {
    await run.guard();
    const written = await restoreBatch(store, collection, images);
    await run.fault('restored');
    rows_done += images.length;
    yield {
      rows_done,
      rows_total: Math.max(rows_total, rows_done),
      ...(written.length > 0
        ? { note: `${written.length} documents keep what was written into them since: ${idList(written)}` }
        : {}),
    };
  }
}

/** Images in batches, in the order of the collection aside. */
export async function* imageBatches(store: Store, aside: string): AsyncGenerator<Image[]> {
  const cursor = store.db.collection(aside).find({}, { ...raw, batchSize });
  try {
    while (await cursor.hasNext()) {
      yield (cursor.readBufferedDocuments(batchSize) as unknown as Buffer[]).map(readImage);
    }
  } finally {
    await cursor.close();
  }
}

/** Returns the _ids of documents that keep something that was written since. */
async function restoreBatch(store: Store, collection: string, images: readonly Image[]): Promise<unknown[]> {
  const writtenSince: unknown[] = [];
  let open = images;
  for (let round = 0; open.length > 0; round++) {
    const keys = open.map(({ before, after }): Replacement => ({ before: before ?? after }));
    if (round === maxRounds)
      throw contention(
        collection,
        keys.map(({ before }) => idOfDocument(before!)),
      );
    const current = await currentDocuments(store, collection, keys);
    const writes: Replacement[] = [];
    const sources: Image[] = [];
    for (const image of open) {
      const found = current.get(idKey(image.before ?? image.after));
      if (!found) continue;
      const asLeft = found.equals(image.after);
      if (!asLeft && !(image.before && found.equals(image.before))) writtenSince.push(idOfDocument(found));
      const back = mergeBack(image, found);
      // Inserted by the change, and nobody has touched it: deleted again.
      const remove = image.before === undefined && asLeft;
      if (!back && !remove) continue;
      writes.push({ before: found, after: back });
      sources.push(image);
    }
    const missed = await replaceUnchanged(store, collection, writes, { bypass: true });
    open = missed.map((position) => sources[position]!);
  }
  return writtenSince;
}
