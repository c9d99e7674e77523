import type { DocumentBatch, PortableDocument, PortableValue } from '@polyshift/core';
import { type Element, findPath } from './bson/element.ts';
import { remembered } from './bson/remembered.ts';
import { portableDocument, portableValue } from './values/from-bson.ts';

/** The form of MongoDB's documents in batches: bytes, as the server sends and takes them. */
export const bsonForm = 'bson';

/** A value inside of a raw document, as a column of the form {@link bsonForm} holds it. */
export interface RawValue {
  readonly buffer: Buffer;
  readonly element: Element;
}

/** The parts of a dotted path, split once for all documents. */
const partsOf = remembered((path): readonly string[] => path.split('.'), 1000);

/** Documents as a batch. */
export function documentBatch(documents: readonly Buffer[]): DocumentBatch {
  return { kind: 'documents', form: bsonForm, documents, decode, get, decodeValue };
}

function decode(document: unknown): PortableDocument {
  return portableDocument(document as Buffer);
}

function get(document: unknown, path: string): RawValue | undefined {
  const buffer = document as Buffer;
  const element = findPath(buffer, partsOf(path));
  return element ? { buffer, element } : undefined;
}

function decodeValue(value: unknown): PortableValue {
  const { buffer, element } = value as RawValue;
  return portableValue(buffer, element.type, element.value);
}
