import type { RunContext } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey, idOf } from '../bson/id.ts';
import { both } from '../conditions.ts';
import { dropIfThere, raw, type Store } from '../store.ts';
import { allWritten, insertDocuments } from '../write-commands.ts';
import type { Change, ChangeTarget } from './change.ts';
import { contention, maxRounds } from './contention.ts';
import { type Image, imagesOf, keepImages, rawDocuments, refuseUnrestorable, writable } from './image.ts';
import { wasApplied } from './merge-back.ts';
import { replaceUnchanged } from './replace.ts';

/**
 * Changes one batch on a server without transactions. Both images are durable before a document is written, and it is written only
 * where it still equals its before-image; one that the application has changed in between is read again. After a stop, the images
 * say of each document whether it was written: it equals one of the two. Only where the application has written
 * it during the interruption, the fields that the change touches decide; documents where they do not tell are left alone and returned.
 */
export async function applyByComparison(
  store: Store,
  target: ChangeTarget,
  change: Change,
  ids: readonly unknown[],
  run: RunContext,
): Promise<unknown[]> {
  const unclear: unknown[] = [];
  let open = ids;
  let first = true;
  for (let round = 0; open.length > 0; round++) {
    if (round === maxRounds) throw contention(target.collection, open);
    const current = await rawDocuments(store, target.collection, both({ _id: { $in: open } }, target.filter));
    const known = await imagesOf(store, target.aside, open);
    const fresh: Buffer[] = [];
    const again: Buffer[] = [];
    const ready: Image[] = [];
    for (const document of current) {
      const image = known.get(idKey(document));
      if (!image) fresh.push(document);
      else if (image.before?.equals(document)) ready.push(image);
      // In later rounds the comparison itself has just said that the document was not written.
      else if (!first && !image.after.equals(document)) again.push(document);
      else {
        const state = wasApplied(image, document);
        if (state === 'not_applied') again.push(document);
        else if (state === 'unclear') unclear.push(idOf(document));
      }
    }
    const captured = await imagesAfter(store, target, change, fresh);
    const recaptured = await imagesAfter(store, target, change, again);
    await keepImages(store, target.aside, captured, {});
    await keepImages(store, target.aside, recaptured, { replace: true });
    await run.fault('captured');
    const writes = [...ready, ...captured, ...recaptured];
    const missed = await replaceUnchanged(store, target.collection, writes, {});
    open = missed.map((position) => idOfDocument(writes[position]!.before!));
    first = false;
  }
  return unclear;
}

/** The images of documents whose change makes a difference. */
async function imagesAfter(store: Store, target: ChangeTarget, change: Change, documents: readonly Buffer[]): Promise<Image[]> {
  if (documents.length === 0) return [];
  for (const document of documents) refuseUnrestorable(document, target.collection);
  const after =
    change.by === 'bytes' ? documents.map(change.transform) : await computeByServer(store, target, change.stages, documents);
  return documents.flatMap((before, position) => {
    const changed = after[position];
    return changed && !changed.equals(before) ? [{ before, after: changed }] : [];
  });
}

/** Lets the server run the pipeline over copies, so that the documents themselves are not touched before both images are kept. */
async function computeByServer(
  store: Store,
  target: ChangeTarget,
  stages: Document[],
  documents: readonly Buffer[],
): Promise<(Buffer | undefined)[]> {
  const work = store.db.collection(`${target.aside}_work`);
  await dropIfThere(store, work.collectionName);
  const copies = documents.map((document, position) => ({
    item: { _id: position, document: writable(document) },
    bytes: document.length + 50,
  }));
  await allWritten(insertDocuments(store, work.collectionName, copies, {}));
  const changed = (await work
    .aggregate([{ $replaceRoot: { newRoot: '$document' } }, ...stages], { ...raw, batchSize: 100_000 })
    .toArray()) as unknown as Buffer[];
  const byKey = new Map(changed.map((document) => [idKey(document), document]));
  await dropIfThere(store, work.collectionName);
  return documents.map((document) => byKey.get(idKey(document)));
}
