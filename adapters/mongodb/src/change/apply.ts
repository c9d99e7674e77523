import type { JsonObject, Progress, RunContext } from '@polyshift/core';
import type { ClientSession, Document } from 'mongodb';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey, idList, idOf } from '../bson/id.ts';
import { collationOf } from '../preconditions.ts';
import { durable, type Store } from '../store.ts';
import { applyByComparison } from './apply-by-comparison.ts';
import { applyInLanes } from './apply-in-lanes.ts';
import { carriedStages, carryBefore } from './carried.ts';
import type { Change, ChangeTarget, ServerChange } from './change.ts';
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
 * with transactions a batch is committed whole and says so itself; without them the images come first, and a document is written only where it
 * still equals its before-image.
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
  await createAside(store, target.aside, target.collection);
  const size = await fitBatch(store, target.collection, batch_size);
  if (store.features.transactions) {
    const byServer = serverChange(change);
    rows_done = yield* applyInLanes(store, target, size, run, {
      byServer,
      byClient: (chosen, session, earlier) => applyInTransaction(store, { ...target, filter: chosen }, change, session, earlier),
    });
    return run.save({ done: true, rows_done }, rows_done);
  }
  const rows_total = rows_done + (await store.db.collection(target.collection).countDocuments(target.filter));
  for await (const batch of idBatches(store, target.collection, target.filter, size, checkpoint?.after)) {
    await run.guard();
    const unclear = await applyByComparison(store, target, change, batch.ids, run);
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

/** The change as one that the server carries out with its images; undefined where it cannot. */
function serverChange(change: Change): ServerChange | undefined {
  const update = change.by === 'pipeline' ? change.stages : change.update;
  const carried = change.by === 'pipeline' ? carriedStages(change.stages) : change.carried;
  return update && carried && { update, kept: [...carryBefore, ...carried] };
}

/** Changes the documents that meet the filter, of which those whose image is there already are left out, and returns how many there are. */
async function applyInTransaction(
  store: Store,
  target: ChangeTarget,
  change: Change,
  session: ClientSession,
  earlier: boolean,
): Promise<number> {
  const found = await rawDocuments(store, target.collection, target.filter, session);
  const known = earlier ? await imagesOf(store, target.aside, found.map(idOf), session) : new Map<string, Image>();
  const before = found.filter((document) => !known.has(idKey(document)));
  for (const document of before) refuseUnrestorable(document, target.collection);
  if (before.length > 0) {
    const images = await changeNow(store, target.collection, change, before, session);
    await keepImages(store, target.aside, images, { session });
  }
  return found.length;
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

/**
 * Creates a collection that keeps images; it may be there from an earlier attempt.
 *
 * @param of the collection whose documents they are of: _ids are compared by the same collation
 */
export async function createAside(store: Store, name: string, of?: string): Promise<void> {
  const collation = of === undefined ? undefined : await collationOf(store, of);
  await store.db.command({ create: name, ...(collation ? { collation } : {}), ...durable }).catch((error: { code?: unknown }) => {
    if (error.code !== 48) throw error;
  });
}
