import type { ClientSession, Document } from 'mongodb';
import { exactDocument, idOfDocument } from '../bson/exact-value.ts';
import { idKey } from '../bson/id.ts';
import { inTransaction, type Store } from '../store.ts';
import { allWritten, updateDocuments } from '../write-commands.ts';
import { contention, deletedMeanwhile, maxRounds } from './contention.ts';
import { type Image, imagesOf, keepImages, rawDocuments } from './image.ts';
import { replaceUnchanged, writeReplacements } from './replace.ts';
import { type IncomingRow, type RowChanges, type RowRule, rowChanges } from './row-changes.ts';

/**
 * Puts a batch of rows into a collection, each exactly once, with images aside. In one transaction where there are some; else images
 * first, then each document only where it is still as it was.
 *
 * @param pipelineFor makes the update pipeline for a row, where the rule is one
 * @returns the number of documents written
 */
export async function applyRows(
  store: Store,
  rule: RowRule,
  aside: string,
  rows: readonly IncomingRow[],
  pipelineFor?: (row: unknown) => Document[],
): Promise<number> {
  if (store.features.transactions) {
    return inTransaction(store, async (session) => {
      const changes = await rowChanges(store, rule, aside, rows, session);
      const computed = await computeInPlace(store, rule, changes, pipelineFor, session!);
      await writeReplacements(store, rule.collection, changes.images, { session });
      const images = [...changes.images, ...computed];
      await keepImages(store, aside, images, { session });
      return images.length;
    });
  }
  let open = rows;
  let written = 0;
  for (let round = 0; open.length > 0; round++) {
    if (round === maxRounds)
      throw contention(
        rule.collection,
        open.map((row) => idOfDocument(row.document)),
      );
    const { images } = await rowChanges(store, rule, aside, open, undefined);
    const known = await imagesOf(
      store,
      aside,
      images.map((image) => idOfDocument(image.before ?? image.after)),
    );
    await keepImages(
      store,
      aside,
      images.filter((image) => !known.has(idKey(image.before ?? image.after))),
      {},
    );
    const missed = await replaceUnchanged(store, rule.collection, images, {});
    written += images.length - missed.length;
    // An image of what was not written must not stay: the next round makes it anew from what is there then.
    const tags = new Set(missed.map((position) => images[position]!.tag));
    await forget(
      store,
      aside,
      missed.map((position) => images[position]!),
    );
    open = open.filter((row) => tags.has(row.tag));
  }
  return written;
}

/** Lets the server compute documents in the transaction, and reads them back. */
async function computeInPlace(
  store: Store,
  rule: RowRule,
  { pairs }: RowChanges,
  pipelineFor: ((row: unknown) => Document[]) | undefined,
  session: ClientSession,
): Promise<Image[]> {
  if (pairs.length === 0 || !pipelineFor) return [];
  const updates = pairs.map(({ existing, row }) => ({
    item: { q: { _id: idOfDocument(existing) }, u: pipelineFor(exactDocument(row.document)) },
    bytes: row.document.length * 10 + 1000,
  }));
  await allWritten(updateDocuments(store, rule.collection, updates, { session }));
  const after = await rawDocuments(
    store,
    rule.collection,
    { _id: { $in: pairs.map(({ existing }) => idOfDocument(existing)) } },
    session,
  );
  const byKey = new Map(after.map((document) => [idKey(document), document]));
  return pairs.map(({ existing, row }) => ({
    before: existing,
    after: byKey.get(idKey(existing)) ?? deletedMeanwhile(rule.collection, existing),
    tag: row.tag,
  }));
}

async function forget(store: Store, aside: string, images: readonly Image[]): Promise<void> {
  if (images.length === 0) return;
  const ids = images.map((image) => idOfDocument(image.before ?? image.after));
  await store.db.collection(aside).deleteMany({ _id: { $in: ids } } as Document);
}
