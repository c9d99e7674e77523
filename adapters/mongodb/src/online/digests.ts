import { createHash } from 'node:crypto';
import { bsonType, type Element, elementsOf } from '../bson/element.ts';

/**
 * The fields of a document by a digest of their path, each with a digest of its type and value: those of documents within it too, and of each document
 * the order of its fields, by {@link orderKey}.
 */
export type FieldDigests = ReadonlyMap<string, string>;

const pathBytes = 6;
const valueBytes = 8;

/** Documents within each other that are looked into; what is deeper is one value. */
const maxDepth = 6;

/** A document with more fields than this uses them as data, and is one value. */
const maxFields = 200;

const keys = new Map<string, string>();

/** The digest of a path, whose parts are joined by NULs, which no name can hold. */
export function pathKey(path: string): string {
  let key = keys.get(path);
  if (key === undefined) {
    key = createHash('md5').update(path).digest().toString('latin1', 0, pathBytes);
    // Paths are few; a collection whose documents use them as data must not fill the memory.
    if (keys.size < 10_000) keys.set(path, key);
  }
  return key;
}

/** The key of the order of the fields of the document at a path; at the top the path is empty. */
export function orderKey(path: string): string {
  return pathKey(`${path}\0\0`);
}

/** The path of a field of the document at a path. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}\0${name}`;
}

/** The digests of the fields of a document, but of _id. */
export function fieldDigests(document: Buffer): FieldDigests {
  const digests = new Map<string, string>();
  visit(document, elementsOf(document), '', 0, digests);
  return digests;
}

function visit(document: Buffer, elements: readonly Element[], path: string, depth: number, digests: Map<string, string>): void {
  const order = createHash('md5');
  for (const element of elements) {
    order.update(`${element.name}\0`);
    if (depth === 0 && element.name === '_id') continue;
    const own = childPath(path, element.name);
    digests.set(pathKey(own), valueDigest(document, element));
    if (element.type !== bsonType.object || depth === maxDepth) continue;
    const inner = elementsOf(document, element.value);
    if (inner.length <= maxFields && digests.size < 10_000) visit(document, inner, own, depth + 1, digests);
  }
  digests.set(orderKey(path), order.digest().toString('latin1', 0, valueBytes));
}

/** The digest of one value with its type. */
export function valueDigest(document: Buffer, { type, value, end }: Element): string {
  const hash = createHash('md5').update(Buffer.of(type)).update(document.subarray(value, end));
  return hash.digest().toString('latin1', 0, valueBytes);
}

/** The digest of the order of fields. */
export function orderDigest(elements: readonly Element[]): string {
  const order = createHash('md5');
  for (const { name } of elements) order.update(`${name}\0`);
  return order.digest().toString('latin1', 0, valueBytes);
}

/** The digest of a whole document, byte for byte. */
export function documentDigest(document: Buffer): string {
  return createHash('md5').update(document).digest().toString('latin1');
}

/** Digests as bytes: a count, then paths and values of fixed length. */
export function encodeDigests(digests: FieldDigests): Buffer {
  const bytes = Buffer.alloc(2 + digests.size * (pathBytes + valueBytes));
  bytes.writeUInt16LE(digests.size);
  let at = 2;
  for (const [path, value] of digests) at += bytes.write(path + value, at, 'latin1');
  return bytes;
}

/** Reads them at an offset; gives the offset behind them too. */
export function decodeDigests(bytes: Buffer, offset: number): { digests: FieldDigests; end: number } {
  const digests = new Map<string, string>();
  const end = offset + 2 + bytes.readUInt16LE(offset) * (pathBytes + valueBytes);
  for (let at = offset + 2; at < end; at += pathBytes + valueBytes) {
    digests.set(
      bytes.toString('latin1', at, at + pathBytes),
      bytes.toString('latin1', at + pathBytes, at + pathBytes + valueBytes),
    );
  }
  return { digests, end };
}
