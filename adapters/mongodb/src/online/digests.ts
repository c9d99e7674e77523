import { bsonType, type Element, elementsOf } from '../bson/element.ts';
import { Fnv48 } from './fnv48.ts';

/**
 * The fields of a document by a digest of their path, each with a digest of its type and value: those of documents within it too, and of each document
 * the order of its fields, by {@link orderKey}.
 */
export type FieldDigests = ReadonlyMap<number, number>;

/** Bytes of a digest. */
const size = 6;

/** Documents within each other that are looked into; what is deeper is one value. */
const maxDepth = 6;

/** A document with more fields than this uses them as data, and is one value. */
const maxFields = 200;

/** Fields of a whole document that are told apart; what comes behind them in documents within it is one value each. */
const maxDigests = 10_000;

const keys = new Map<string, number>();

/** The digest of a path, whose parts are joined by NULs, which no name can hold. */
export function pathKey(path: string): number {
  let key = keys.get(path);
  if (key === undefined) {
    const bytes = Buffer.from(path);
    key = new Fnv48().add(bytes, 0, bytes.length).value;
    // Paths are few; a collection whose documents use them as data must not fill the memory.
    if (keys.size < 10_000) keys.set(path, key);
  }
  return key;
}

/** The key of the order of the fields of the document at a path; at the top the path is empty. */
export function orderKey(path: string): number {
  return pathKey(`${path}\0\0`);
}

/** The path of a field of the document at a path. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}\0${name}`;
}

/** The digests of the fields of a document, but of _id. */
export function fieldDigests(document: Buffer): FieldDigests {
  const digests = new Map<number, number>();
  visit(document, elementsOf(document), '', 0, digests);
  return digests;
}

function visit(document: Buffer, elements: readonly Element[], path: string, depth: number, digests: Map<number, number>): void {
  for (const element of elements) {
    if (depth === 0 && element.name === '_id') continue;
    const own = childPath(path, element.name);
    digests.set(pathKey(own), valueDigest(document, element));
    if (element.type !== bsonType.object || depth === maxDepth || digests.size > maxDigests) continue;
    const inner = elementsOf(document, element.value);
    if (inner.length <= maxFields) visit(document, inner, own, depth + 1, digests);
  }
  digests.set(orderKey(path), orderDigest(elements));
}

/** The digest of one value with its type. */
export function valueDigest(document: Buffer, { type, value, end }: Element): number {
  return new Fnv48().byte(type).add(document, value, end).value;
}

/** The digest of the order of fields. */
export function orderDigest(elements: readonly Element[]): number {
  const order = new Fnv48();
  for (const { name } of elements) order.number(pathKey(name));
  return order.value;
}

/** Digests as bytes: a count, then paths and values of fixed length. */
export function encodeDigests(digests: FieldDigests): Buffer {
  const bytes = Buffer.alloc(2 + digests.size * 2 * size);
  bytes.writeUInt16LE(digests.size);
  let at = 2;
  for (const [path, value] of digests) {
    at = bytes.writeUIntLE(path, at, size);
    at = bytes.writeUIntLE(value, at, size);
  }
  return bytes;
}

/** Reads them at an offset; gives the offset behind them too. */
export function decodeDigests(bytes: Buffer, offset: number): { digests: FieldDigests; end: number } {
  const digests = new Map<number, number>();
  const end = offset + 2 + bytes.readUInt16LE(offset) * 2 * size;
  for (let at = offset + 2; at < end; at += 2 * size) digests.set(bytes.readUIntLE(at, size), bytes.readUIntLE(at + size, size));
  return { digests, end };
}
