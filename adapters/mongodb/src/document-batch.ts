import type { DocumentBatch, PortableDocument, PortableValue } from '@polyshift/core';
import { BSON, type Document } from 'mongodb';
import { type Element, findPath } from './bson/element.ts';
import { portableDocument, portableValue } from './values/from-bson.ts';

/** The form of MongoDB's documents in batches: raw bytes as the server sent them, or what the driver will write. */
export const bsonForm = 'bson';

/** A document of a batch: bytes from the server, or a Map or object that was encoded for it. */
export type RawDocument = Buffer | Map<string, unknown> | Document;

/** A value inside of a raw document. */
interface RawValue {
  readonly buffer: Buffer;
  readonly element: Element;
}

const paths = new Map<string, readonly string[]>();

/** The bytes of a document of a batch. */
export function documentBytes(document: RawDocument): Buffer {
  return Buffer.isBuffer(document) ? document : (BSON.serialize(document as Document, { ignoreUndefined: true }) as Buffer);
}

/** Documents as a batch. */
export function documentBatch(documents: readonly RawDocument[]): DocumentBatch {
  return { kind: 'documents', form: bsonForm, documents, decode, get, decodeValue };
}

function decode(document: unknown): PortableDocument {
  return portableDocument(documentBytes(document as RawDocument));
}

function get(document: unknown, path: string): RawValue | undefined {
  const buffer = documentBytes(document as RawDocument);
  const element = findPath(buffer, partsOf(path));
  return element ? { buffer, element } : undefined;
}

function decodeValue(value: unknown): PortableValue {
  const { buffer, element } = value as RawValue;
  return portableValue(buffer, element.type, element.value);
}

/** The parts of a dotted path, split once for all documents. */
function partsOf(path: string): readonly string[] {
  let parts = paths.get(path);
  if (!parts) {
    if (paths.size > 1000) paths.clear();
    parts = path.split('.');
    paths.set(path, parts);
  }
  return parts;
}
