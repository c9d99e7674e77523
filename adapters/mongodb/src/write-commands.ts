import { type ClientSession, type Document, MongoServerError } from 'mongodb';
import { documentSequence } from './bson/document-sequence.ts';
import { durable, type Store } from './store.ts';

/**
 * Bytes of one write command, at most: the driver serialises a command into a buffer of 17 MB. Its own bulk writes measure documents
 * one by one, and take a Map for empty; these here are given the sizes, which are known anyway.
 */
const commandBytes = 12_000_000;

/** A document or statement to be sent, with its size in bytes, about. */
export interface Sized<Item> {
  readonly item: Item;
  readonly bytes: number;
}

/** Why one document was not written. */
export interface DocumentError {
  /** Position in the list that was given. */
  readonly index: number;
  readonly code: number;
  readonly errmsg: string;
}

/** How a command is sent. */
export interface WriteOptions {
  readonly session?: ClientSession | undefined;
  /** Writes past validators. */
  readonly bypass?: boolean | undefined;
}

/** What a list of statements did. */
export interface Written {
  /** Documents inserted, matched or deleted. */
  readonly count: number;
  readonly errors: readonly DocumentError[];
}

/** Inserts documents; those that the server refuses come back as errors, the others are written. */
export function insertDocuments(
  store: Store,
  collection: string,
  documents: readonly Sized<unknown>[],
  options: WriteOptions,
): Promise<Written> {
  return send(store, documents, bytesOf, options, (items) => ({ insert: collection, documents: items.map(itemOf) }));
}

/** The same for documents that are bytes already: they are sent as they are. */
export function insertRaw(
  store: Store,
  collection: string,
  documents: readonly Buffer[],
  options: WriteOptions,
): Promise<Written> {
  return send(store, documents, length, options, (items) => ({
    insert: collection,
    documents: documentSequence('documents', items),
  }));
}

/** One statement of an update command. */
export interface UpdateStatement {
  readonly q: Document;
  readonly u: unknown;
  readonly upsert?: boolean;
}

/** Runs update statements, each for one document. */
export function updateDocuments(
  store: Store,
  collection: string,
  statements: readonly Sized<UpdateStatement>[],
  options: WriteOptions,
): Promise<Written> {
  return send(store, statements, bytesOf, options, (items) => ({ update: collection, updates: items.map(itemOf) }));
}

/** The same for statements that are bytes already: they are sent as they are. */
export function updateRaw(
  store: Store,
  collection: string,
  statements: readonly Buffer[],
  options: WriteOptions,
): Promise<Written> {
  return send(store, statements, length, options, (items) => ({
    update: collection,
    updates: documentSequence('updates', items),
  }));
}

/** Deletes the documents that meet the filters, one for each. */
export function deleteDocuments(
  store: Store,
  collection: string,
  filters: readonly Sized<Document>[],
  options: WriteOptions,
): Promise<Written> {
  return send(store, filters, bytesOf, { session: options.session }, (items) => ({
    delete: collection,
    deletes: items.map(({ item: q }) => ({ q, limit: 1 })),
  }));
}

const length = (bytes: Buffer): number => bytes.length;
const bytesOf = (sized: Sized<unknown>): number => sized.bytes;
const itemOf = <Item>(sized: Sized<Item>): Item => sized.item;

async function send<Item>(
  store: Store,
  all: readonly Item[],
  sizeOf: (item: Item) => number,
  options: WriteOptions,
  command: (items: readonly Item[]) => Document,
): Promise<Written> {
  let count = 0;
  const errors: DocumentError[] = [];
  for (let from = 0; from < all.length; ) {
    let bytes = 0;
    let to = from;
    while (to < all.length && to - from < store.maxStatements && (to === from || bytes + sizeOf(all[to]!) <= commandBytes))
      bytes += sizeOf(all[to++]!);
    const reply = await store.db.command(
      {
        ...command(all.slice(from, to)),
        ordered: false,
        ...(options.bypass ? { bypassDocumentValidation: true } : {}),
        ...(options.session ? {} : durable),
      },
      options.session ? { session: options.session } : {},
    );
    count += Number(reply['n']);
    for (const error of (reply['writeErrors'] ?? []) as DocumentError[]) errors.push({ ...error, index: from + error.index });
    // Written, but not on most members: it may be lost again, so it is an error as a whole.
    if (reply['writeConcernError']) throw new MongoServerError(reply['writeConcernError'] as never);
    from = to;
  }
  return { count, errors };
}

/** The same, where no document may be refused: the first error is thrown. */
export async function allWritten(written: Promise<Written>): Promise<number> {
  const { count, errors } = await written;
  if (errors[0]) throw new MongoServerError(errors[0] as never);
  return count;
}
