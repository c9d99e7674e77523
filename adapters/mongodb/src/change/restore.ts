import type { Progress, RunContext } from '@polyshift/core';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey, idList } from '../bson/id.ts';
import { valueText } from '../bson/json.ts';
import { hasValidator } from '../preconditions.ts';
import { inTransaction, raw, type Store } from '../store.ts';
import { contention, maxRounds } from './contention.ts';
import { type Image, readImage } from './image.ts';
import { mergeBack } from './merge-back.ts';
import { currentDocuments, type Replacement, replaceUnchanged, writeReplacements } from './replace.ts';

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
  const bypass = await hasValidator(store, collection);
  let rows_done = 0;
  for await (const images of imageBatches(store, aside)) {
    await run.guard();
    const written = await restoreBatch(store, collection, images, bypass);
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
async function restoreBatch(store: Store, collection: string, images: readonly Image[], bypass: boolean): Promise<unknown[]> {
  if (store.features.transactions) {
    return inTransaction(store, async (session) => {
      const { writes, writtenSince } = whatGoesBack(images, await currentDocuments(store, collection, images, session));
      await writeReplacements(store, collection, writes, { session, bypass });
      return writtenSince;
    });
  }
  const writtenSince = new Map<string, unknown>();
  let open = images;
  for (let round = 0; open.length > 0; round++) {
    if (round === maxRounds)
      throw contention(
        collection,
        open.map(({ before, after }) => idOfDocument(before ?? after)),
      );
    const back = whatGoesBack(open, await currentDocuments(store, collection, open));
    for (const id of back.writtenSince) writtenSince.set(valueText(id), id);
    const missed = await replaceUnchanged(store, collection, back.writes, { bypass });
    open = missed.map((position) => back.sources[position]!);
  }
  return [...writtenSince.values()];
}

/** The replacements that take images back, each with the image that it comes from, and the documents that were written since. */
function whatGoesBack(images: readonly Image[], current: ReadonlyMap<string, Buffer>) {
  const writtenSince: unknown[] = [];
  const writes: Replacement[] = [];
  const sources: Image[] = [];
  for (const image of images) {
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
  return { writes, sources, writtenSince };
}
