import { createHash } from 'node:crypto';
import type { RejectedRow, SinkTarget, WriteResult } from '@polyshift/core';
import { Binary, BSON, type Document } from 'mongodb';
import { findElement } from './bson/element.ts';
import { idOfDocument } from './bson/exact-value.ts';
import { idKey } from './bson/id.ts';
import { toRelaxedJson } from './bson/json.ts';
import { replaceUnchanged } from './change/replace.ts';
import { rejection } from './insert.ts';
import { asideCollection, durable, raw, type Store } from './store.ts';
import { insertRaw } from './write-commands.ts';

/** What a load into a filled collection keeps of one document: under its _id, before it is written. */
export interface LoadRecord {
  _id: unknown;
  /** The document that was replaced; missing where there was none. */
  before?: Binary;
  /** MD5 of the document as it was written: what has another one was written by somebody else since. */
  written: Binary;
}

/** MD5 of a document's bytes. */
export function documentHash(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

/** One document of the batch, and what is there of it. */
interface Row {
  readonly index: number;
  readonly document: Buffer;
  readonly existing: Buffer | undefined;
}

/**
 * Writes into a collection that had documents before. What rollback needs is durable before each write: the key of what is inserted,
 * the whole document that is replaced.
 */
export async function writeFilled(
  store: Store,
  target: SinkTarget,
  documents: readonly Buffer[],
  replay: boolean,
): Promise<WriteResult> {
  const aside = store.db.collection<LoadRecord>(asideCollection(target.aside));
  const ids = { _id: { $in: documents.map(idOfDocument) } } as Document;
  const [existing, recorded] = await Promise.all([
    store.db
      .collection(target.collection)
      .find(ids, { ...raw, batchSize: 10_000 })
      .toArray() as unknown as Promise<Buffer[]>,
    aside.find(ids as never, { ...raw, batchSize: 10_000 }).toArray() as unknown as Promise<Buffer[]>,
  ]);
  const there = new Map(existing.map((each) => [idKey(each), each]));
  const known = new Set(recorded.map((each) => idKey(each)));
  const seen = new Set<string>();
  const rejected: RejectedRow[] = [];
  const inserts: Row[] = [];
  const replaces: Row[] = [];
  let already_there = 0;
  for (const [index, document] of documents.entries()) {
    const key = idKey(document);
    const row: Row = { index, document, existing: there.get(key) };
    const duplicate = (message: string): void =>
      void rejected.push({ index, key: toRelaxedJson(idOfDocument(document)), code: 'DUPLICATE_KEY', message });
    if (seen.has(key)) duplicate('the same _id stands twice in the rows of this load');
    else if (known.has(key) && !replay) duplicate('this load has already written a row with this _id');
    else if (known.has(key) && row.existing) {
      // Recorded by an earlier attempt: written then, or not yet where the old document is still there.
      const record = recorded.find((each) => idKey(each) === key)!;
      if (!row.existing.equals(document) && sameBefore(record, row.existing)) replaces.push(row);
      else already_there++;
    } else if (!row.existing) inserts.push(row);
    else if (target.mode === 'ignore') already_there++;
    else if (target.mode === 'upsert') replaces.push(row);
    else duplicate(`${target.collection} has a document with this _id`);
    seen.add(key);
  }
  await record(store, aside.collectionName, inserts, replaces);
  const { errors } = await insertRaw(
    store,
    target.collection,
    inserts.map((row) => row.document),
    {},
  );
  for (const error of errors)
    rejected.push({ ...rejection(error, inserts[error.index]!.document), index: inserts[error.index]!.index });
  // What was not inserted was not written by this load: its record goes, or rollback would take somebody else's document.
  if (errors.length > 0) {
    await aside.deleteMany(
      { _id: { $in: errors.map((error) => idOfDocument(inserts[error.index]!.document)) } } as never,
      durable,
    );
  }
  const unreplaced = new Set(
    await replaceUnchanged(
      store,
      target.collection,
      replaces.map(({ existing: before, document }) => ({ before: before!, after: document })),
      {},
    ),
  );
  for (const position of unreplaced) {
    const row = replaces[position]!;
    rejected.push({
      index: row.index,
      key: toRelaxedJson(idOfDocument(row.document)),
      code: 'STORE_BUSY',
      message: 'the application writes this document at the same time',
    });
  }
  return { inserted: inserts.length - errors.length, replaced: replaces.length - unreplaced.size, already_there, rejected };
}

async function record(store: Store, aside: string, inserts: readonly Row[], replaces: readonly Row[]): Promise<void> {
  const records: Document[] = [
    ...inserts.map((row) => ({ _id: idOfDocument(row.document), written: new Binary(documentHash(row.document)) })),
    ...replaces.map((row) => ({
      _id: idOfDocument(row.document),
      before: new Binary(row.existing!),
      written: new Binary(documentHash(row.document)),
    })),
  ];
  if (records.length === 0) return;
  // Kept as it was at the first attempt: an error for a record that is there already is none.
  const { errors } = await insertRaw(
    store,
    aside,
    records.map((each) => BSON.serialize(each) as Buffer),
    {},
  );
  const other = errors.find((error) => error.code !== 11000);
  if (other) throw Object.assign(new Error(other.errmsg), { code: other.code });
}

function sameBefore(record: Buffer, existing: Buffer): boolean {
  const before = beforeOf(record);
  return before?.equals(existing) ?? false;
}

/** The document that was replaced, from a raw record. */
export function beforeOf(record: Buffer): Buffer | undefined {
  return binaryField(record, 'before');
}

/** The bytes of a Binary field of a raw document. */
export function binaryField(document: Buffer, name: string): Buffer | undefined {
  const element = findElement(document, name);
  if (!element) return undefined;
  return document.subarray(element.value + 5, element.end);
}
