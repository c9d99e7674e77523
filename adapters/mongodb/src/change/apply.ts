import type { JsonObject, Progress, RunContext } from '@polyshift/core';
import type { ClientSession, Document } from 'mongodb';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey, idList } from '../bson/id.ts';
import { both } from '../conditions.ts';
import { durable, inTransaction, type Store } from '../store.ts';
import { applyByComparison } from './apply-by-comparison.ts';
import type { Change, ChangeTarget } from './change.ts';
import { deletedMeanwhile } from './contention.ts';
import { fitBatch, idBatches } from './id-batches.ts';
import { type Image, imagesOf, keepImages, rawDocuments, refuseUnrestorable } from './image.ts';
import { writeReplacements } from './replace.ts';

/** How far a change is, as journaled. */
interface Checkpoint extends JsonObject {
  done: boolean;
  rows_done: number;
}

/**
 * Changes documents in place, each exactly once, whatever stops it and however often it is started again. In the order of _id, in batches:
 * with transactions the images and the change are written in one, so that an image says that its document was changed; without them
 * the images come first, and a document is written only where it still equals its before-image.
 */
export async function* applyChange(
  store: Store,
  target: ChangeTarget,
  change: Change,
  batch_size: number,
  run: RunContext,
): AsyncGenerator<Progress> {
  const checkpoint = run.checkpoint as (Checkpoint & { after?: never }) | undefined;
  let rows_done = checkpoint?.rows_done ?? 0;
  if (checkpoint?.done) return yield { rows_done, rows_total: rows_done };
  await createAside(store, target.aside);
  // Images of an earlier attempt can only be there where there are any at all.
  const resumed = (await store.db.collection(target.aside).findOne({}, { projection: { _id: 1 } })) !== null;
  const rows_total = rows_done + (await store.db.collection(target.collection).countDocuments(target.filter));
  const size = await fitBatch(store, target.collection, batch_size);
  for await (const batch of idBatches(store, target.collection, target.filter, size, checkpoint?.after)) {
    await run.guard();
    const unclear = store.features.transactions
      ? await applyInTransaction(store, target, change, batch.ids, resumed)
      : await applyByComparison(store, target, change, batch.ids, run);
    await run.fault('applied');
    rows_done += batch.ids.length;
    await run.save({ done: false, after: batch.last, rows_done }, rows_done);
    yield {
      rows_done,
      rows_total: Math.max(rows_total, rows_done),
      ...(unclear.length > 0
        ? { note: `left as the application has written them during the interruption: ${idList(unclear)}` }
        : {}),
    };
  }
  await run.save({ done: true, rows_done }, rows_done);
}

async function applyInTransaction(
  store: Store,
  target: ChangeTarget,
  change: Change,
  ids: readonly unknown[],
  resumed: boolean,
): Promise<unknown[]> {
  await inTransaction(store, async (session) => {
    const known = resumed ? await imagesOf(store, target.aside, ids, session) : new Map<string, Image>();
    const found = await rawDocuments(store, target.collection, both({ _id: { $in: ids } }, target.filter), session);
    const before = found.filter((document) => !known.has(idKey(document)));
    if (before.length === 0) return;
    for (const document of before) refuseUnrestorable(document, target.collection);
    const images = await changeNow(store, target.collection, change, before, session!);
    await keepImages(store, target.aside, images, { session });
  });
  return [];
}

/** Writes the changed documents and returns the images of those that differ. */
async function changeNow(
  store: Store,
  name: string,
  change: Change,
  before: readonly Buffer[],
  session: ClientSession,
): Promise<Image[]> {
  const collection = store.db.collection(name);
  if (change.by === 'pipeline') {
    const chosen = { _id: { $in: before.map(idOfDocument) } } as Document;
    await collection.updateMany(chosen, change.stages, { session });
    const after = new Map((await rawDocuments(store, name, chosen, session)).map((document) => [idKey(document), document]));
    return before
      .map((document) => ({ before: document, after: after.get(idKey(document)) ?? deletedMeanwhile(name, document) }))
      .filter((image) => !image.before.equals(image.after));
  }
  const images = before.flatMap((document) => {
    const after = change.transform(document);
    return after && !after.equals(document) ? [{ before: document, after }] : [];
  });
  if (images.length === 0) return images;
  if (change.update) {
    const chosen = { _id: { $in: images.map((image) => idOfDocument(image.before)) } } as Document;
    await collection.updateMany(chosen, change.update, { session });
  } else {
    await writeReplacements(store, name, images, { session });
  }
  return images;
}

/** Creates the collection that keeps images; it may be there from an earlier attempt. */
export async function createAside(store: Store, name: string): Promise<void> {
  await store.db.command({ create: name, ...durable }).catch((error: { code?: unknown }) => {
    if (error.code !== 48) throw error;
  });
}
