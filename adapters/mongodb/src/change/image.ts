import { PolyshiftError } from '@polyshift/core';
import { Binary, type ClientSession, type Document } from 'mongodb';
import { withoutElement } from '../bson/build-document.ts';
import { bsonType, findElement, valueSize } from '../bson/element.ts';
import { exactDocument, exactValue, idOfDocument } from '../bson/exact-value.ts';
import { idKey, idOf } from '../bson/id.ts';
import { valueText } from '../bson/json.ts';
import { raw, type Store } from '../store.ts';
import { allWritten, insertDocuments, updateDocuments } from '../write-commands.ts';

/** A document before and after a change, byte for byte. Without `before` the change has inserted it. */
export interface Image {
  readonly before: Buffer | undefined;
  readonly after: Buffer;
  /** What has caused it, where several things could: the row of a load. */
  readonly tag?: string | undefined;
}

/**
 * The field that holds the document before the change in an image that the server has made: such an image is the document after the change, with this
 * field besides. An image through the client is `{_id, before, after, tag}`, with the documents as bytes.
 */
export const beforeField = 'polyshift_before';

/** The longest document whose images fit into one document of the collection aside. */
export const maxImageBytes = 8_000_000;

/** An image as it is kept: raw bytes in Binary fields, which costs no conversion and keeps everything. */
export function imageDocument({ before, after, tag }: Image): Document {
  return {
    _id: idOfDocument(before ?? after),
    ...(before ? { before: new Binary(before) } : {}),
    after: new Binary(after),
    ...(tag === undefined ? {} : { tag }),
  };
}

/** An image from a raw document of the collection aside. */
export function readImage(document: Buffer): Image {
  const carried = findElement(document, beforeField);
  if (carried) return { before: document.subarray(carried.value, carried.end), after: withoutElement(document, carried) };
  const tag = findElement(document, 'tag');
  return {
    before: binaryOf(document, 'before'),
    after: binaryOf(document, 'after')!,
    ...(tag ? { tag: exactValue(document, tag.type, tag.value) as string } : {}),
  };
}

function binaryOf(document: Buffer, field: string): Buffer | undefined {
  const element = findElement(document, field);
  return element ? document.subarray(element.value + 5, element.end) : undefined;
}

/** The images of some _ids, by key. */
export async function imagesOf(
  store: Store,
  aside: string,
  ids: readonly unknown[],
  session?: ClientSession,
): Promise<Map<string, Image>> {
  const found = (await store.db
    .collection(aside)
    .find({ _id: { $in: ids } } as Document, { ...raw, batchSize: 100_000, ...(session ? { session } : {}) })
    .toArray()) as unknown as Buffer[];
  return new Map(found.map((document) => [idKey(document), readImage(document)]));
}

/** Keeps images, in place of those that are there already under the same _ids where `replace` says so. */
export async function keepImages(
  store: Store,
  aside: string,
  images: readonly Image[],
  options: { session?: ClientSession | undefined; replace?: boolean },
): Promise<void> {
  if (images.length === 0) return;
  const sized = images.map((image) => ({
    item: imageDocument(image),
    bytes: (image.before?.length ?? 0) + image.after.length + 200,
  }));
  if (options.replace) {
    const statements = sized.map(({ item, bytes }) => ({ item: { q: { _id: item['_id'] }, u: item, upsert: true }, bytes }));
    await allWritten(updateDocuments(store, aside, statements, { session: options.session }));
  } else {
    await allWritten(insertDocuments(store, aside, sized, { session: options.session }));
  }
}

/** Refuses a document whose before-image could not be kept or written back. Before anything is changed. */
export function refuseUnrestorable(document: Buffer, collection: string): void {
  const problem =
    document.length > maxImageBytes
      ? `it has ${document.length} bytes; images of more than ${maxImageBytes} cannot be kept aside`
      : deprecatedType(document, 0);
  if (problem === undefined) return;
  throw new PolyshiftError(
    'CONSTRAINT_VIOLATED',
    `the document ${valueText(idOf(document))} of ${collection} could not be brought back: ${problem}`,
    {
      hint: 'Nothing of its batch was changed. Leave it out by conditions, or change the document first.',
    },
  );
}

/** Two BSON types are read by drivers but not written any more. Names are only read where one is found: this runs over every document. */
export function deprecatedType(buffer: Buffer, offset: number): string | undefined {
  const last = offset + buffer.readInt32LE(offset) - 1;
  let position = offset + 4;
  while (position < last) {
    const type = buffer[position]!;
    const nameEnd = buffer.indexOf(0, position + 1);
    if (type === bsonType.undefined || type === bsonType.dbPointer) {
      const name = buffer.toString('utf8', position + 1, nameEnd);
      return `${name} has the deprecated BSON type ${type === bsonType.undefined ? 'undefined' : 'dbPointer'}`;
    }
    if (type === bsonType.object || type === bsonType.array) {
      const inner = deprecatedType(buffer, nameEnd + 1);
      if (inner !== undefined) return inner;
    }
    position = nameEnd + 1 + valueSize(buffer, type, nameEnd + 1);
  }
  return undefined;
}

/** The documents of some _ids that meet a filter, raw. */
export async function rawDocuments(
  store: Store,
  collection: string,
  filter: Document,
  session?: ClientSession,
): Promise<Buffer[]> {
  const options = { ...raw, batchSize: 100_000, ...(session ? { session } : {}) };
  return (await store.db.collection(collection).find(filter, options).toArray()) as unknown as Buffer[];
}

/** The document as the driver writes it. */
export function writable(document: Buffer): Document {
  return exactDocument(document) as unknown as Document;
}
