import type { Document } from 'mongodb';
import { elementsOf } from '../bson/element.ts';
import { idKey, idOf } from '../bson/id.ts';
import type { Store } from '../store.ts';
import { firstBatch } from './first-batch.ts';
import { fitBatch } from './id-batches.ts';
import { idRanges } from './id-ranges.ts';
import { beforeField, type Image, imagesOf, rawDocuments } from './image.ts';
import { inOrder } from './in-order.ts';
import { laneCount } from './lanes.ts';

/** Images that are compared at once, at most. */
const rangeSize = 1000;

/** A range of images: how many have a document that is what they say it became, byte for byte, and the others. */
export interface ComparedRange {
  readonly equal: number;
  readonly differing: readonly Image[];
}

/**
 * Compares images that the server has made with their documents. An image without the document before is the document after, so that whole ranges of
 * both are compared as the server sends them, and only where they differ is one looked for.
 */
export async function* compareRanges(store: Store, collection: string, aside: string): AsyncGenerator<ComparedRange> {
  const ranges = idRanges(store, aside, {}, await fitBatch(store, aside, rangeSize), undefined);
  const compare = ({ filter }: { filter: Document }): Promise<ComparedRange> => compareRange(store, collection, aside, filter);
  for await (const { result } of inOrder(ranges, laneCount, compare)) yield result;
}

async function compareRange(store: Store, collection: string, aside: string, range: Document): Promise<ComparedRange> {
  const [documents, images] = await Promise.all([
    firstBatch(store, collection, range),
    firstBatch(store, aside, range, { [beforeField]: 0 }),
  ]);
  if (documents && images?.equals(documents)) return { equal: countOf(images), differing: [] };
  const after = images ? documentsOf(images) : await rawDocuments(store, aside, range);
  const found = new Map(documents ? documentsOf(documents).map((document) => [idKey(document), document]) : []);
  const differing = after.filter((image) => !found.get(idKey(image))?.equals(image)).map(idOf);
  if (differing.length === 0) return { equal: after.length, differing: [] };
  return { equal: after.length - differing.length, differing: [...(await imagesOf(store, aside, differing)).values()] };
}

/** The documents of a BSON array. */
function documentsOf(array: Buffer): Buffer[] {
  return elementsOf(array).map(({ value, end }) => array.subarray(value, end));
}

function countOf(array: Buffer): number {
  return elementsOf(array).length;
}
