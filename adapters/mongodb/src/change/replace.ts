import { BSON, type ClientSession, type Document } from 'mongodb';
import { documentElement, documentOf, elementBytes } from '../bson/build-document.ts';
import { bsonType, elementsOf, findElement } from '../bson/element.ts';
import { exactDocument, idOfDocument } from '../bson/exact-value.ts';
import { idKey } from '../bson/id.ts';
import { inTransaction, raw, type Store } from '../store.ts';
import { allWritten, deleteDocuments, insertRaw, type Sized, updateRaw, type WriteOptions } from '../write-commands.ts';

/** A document as it must still be, and as it is to be; without `after` it is deleted, without `before` inserted. */
export interface Replacement {
  readonly before?: Buffer | undefined;
  readonly after?: Buffer | undefined;
}

/**
 * Replaces documents that are still what they were, byte for byte, and leaves the others alone: their positions are returned.
 * In a transaction, where the server has them: it reads, compares and writes at one point in time. Else each write carries the whole
 * document that it expects in its filter, which the server compares with the same order of fields (numbers by value, texts by the
 * collation of the collection).
 *
 * @param options `bypass` writes documents that a validator refuses: for rollbacks to documents older than the validator
 */
export async function replaceUnchanged(
  store: Store,
  collection: string,
  replacements: readonly Replacement[],
  options: { bypass?: boolean },
): Promise<number[]> {
  if (replacements.length === 0) return [];
  if (!store.features.transactions) return replaceByFilter(store, collection, replacements, options);
  return inTransaction(store, async (session) => {
    const current = await currentDocuments(store, collection, replacements, session);
    const changed: number[] = [];
    const same: Replacement[] = [];
    for (const [position, replacement] of replacements.entries()) {
      const { before, after } = replacement;
      const found = current.get(idKey((before ?? after)!));
      if (before ? found?.equals(before) : found === undefined) same.push(replacement);
      else changed.push(position);
    }
    await writeReplacements(store, collection, same, { session, bypass: options.bypass });
    return changed;
  });
}

/** Documents of a collection by the keys of replacements. */
export async function currentDocuments(
  store: Store,
  collection: string,
  replacements: readonly Replacement[],
  session?: ClientSession,
): Promise<Map<string, Buffer>> {
  const ids = replacements.map(({ before, after }) => idOfDocument((before ?? after)!));
  const found = (await store.db
    .collection(collection)
    .find({ _id: { $in: ids } } as Document, { ...raw, batchSize: 100_000, ...(session ? { session } : {}) })
    .toArray()) as unknown as Buffer[];
  return new Map(found.map((document) => [idKey(document), document]));
}

/** Writes replacements inside of a transaction that has compared them. A document that the server refuses is an error of all. */
export async function writeReplacements(
  store: Store,
  collection: string,
  replacements: readonly Replacement[],
  options: WriteOptions,
): Promise<void> {
  const { inserts, updates, deletes } = statements(replacements, () => ({}));
  if (deletes.length > 0) await allWritten(deleteDocuments(store, collection, deletes, options));
  if (updates.length > 0) await allWritten(updateRaw(store, collection, updates, options));
  if (inserts.length > 0) await allWritten(insertRaw(store, collection, inserts, options));
}

interface Statements {
  readonly inserts: Buffer[];
  readonly updates: Buffer[];
  readonly deletes: Sized<Document>[];
}

/** The commands' statements; `condition` adds to the filter of those that replace or delete. Documents go as the bytes that they are. */
function statements(replacements: readonly Replacement[], condition: (before: Buffer) => Document): Statements {
  const result: Statements = { inserts: [], updates: [], deletes: [] };
  for (const { before, after } of replacements) {
    if (!before) result.inserts.push(after!);
    else if (after) result.updates.push(updateStatement(before, condition(before), after));
    else result.deletes.push({ item: { _id: idOfDocument(before), ...condition(before) }, bytes: before.length + 200 });
  }
  return result;
}

function updateStatement(before: Buffer, condition: Document, after: Buffer): Buffer {
  const also = Buffer.from(BSON.serialize(condition));
  const filter = documentOf([
    elementBytes(before, findElement(before, '_id')!),
    ...elementsOf(also).map((element) => elementBytes(also, element)),
  ]);
  return documentOf([documentElement('q', bsonType.object, filter), documentElement('u', bsonType.object, after)]);
}

async function replaceByFilter(
  store: Store,
  collection: string,
  replacements: readonly Replacement[],
  options: { bypass?: boolean },
): Promise<number[]> {
  const { inserts, updates, deletes } = statements(replacements, (before) => ({
    $expr: { $eq: ['$$ROOT', { $literal: exactDocument(before) }] },
  }));
  let count = 0;
  if (deletes.length > 0) count += await allWritten(deleteDocuments(store, collection, deletes, options));
  if (updates.length > 0) count += await allWritten(updateRaw(store, collection, updates, options));
  if (inserts.length > 0) {
    const written = await insertRaw(store, collection, inserts, options);
    // An insert whose key somebody has taken in between is found by the comparison below.
    const other = written.errors.filter((error) => error.code !== 11000);
    if (other.length > 0) await allWritten(Promise.resolve({ count: 0, errors: other }));
    count += written.count;
  }
  if (count === replacements.length) return [];
  const current = await currentDocuments(store, collection, replacements);
  return replacements.flatMap(({ before, after }, position) => {
    const found = current.get(idKey((before ?? after)!));
    const done = after ? found?.equals(after) : found === undefined;
    return done ? [] : [position];
  });
}
