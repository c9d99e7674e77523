import { PolyshiftError } from '@polyshift/core';
import { BSON, type ClientSession, type Document, ObjectId } from 'mongodb';
import { documentOf, elementBytes } from '../bson/build-document.ts';
import { type Element, elementsOf, findElement, findPath } from '../bson/element.ts';
import { exactValue, idOfDocument } from '../bson/exact-value.ts';
import { elementKey, idKey } from '../bson/id.ts';
import { valueText } from '../bson/json.ts';
import type { Store } from '../store.ts';
import { type Image, imagesOf, rawDocuments, refuseUnrestorable } from './image.ts';

/** A row to be put into a collection. */
export interface IncomingRow {
  /** The document; its _id is used where the key is _id, or where it is inserted. */
  readonly document: Buffer;
  /** Names the row, the same at each attempt. */
  readonly tag: string;
}

/** What happens to a row, by whether its key exists. */
export interface RowRule {
  readonly collection: string;
  readonly key: readonly string[];
  readonly matched: 'fail' | 'merge' | 'replace' | 'keep' | 'pipeline';
  readonly unmatched: 'insert' | 'discard' | 'fail';
}

/** What is to be written, and pairs whose new document only the server can compute. */
export interface RowChanges {
  readonly images: Image[];
  readonly pairs: { readonly existing: Buffer; readonly row: IncomingRow }[];
}

/** Finds out what a batch of rows changes. Rows that an earlier attempt has written are left out; two rows for one document are refused. */
export async function rowChanges(
  store: Store,
  rule: RowRule,
  aside: string,
  rows: readonly IncomingRow[],
  session: ClientSession | undefined,
): Promise<RowChanges> {
  const existing = await matchingDocuments(store, rule, rows, session);
  const ids = [...existing.values(), ...rows.map((row) => row.document)].map(idOfDocument);
  const known = await imagesOf(store, aside, ids, session);
  const seen = new Set<string>();
  const changes: RowChanges = { images: [], pairs: [] };
  for (const row of rows) {
    const found = existing.get(rowKey(row.document, rule.key));
    const key = idKey(found ?? row.document);
    const image = known.get(key);
    const taken = seen.has(key) || (image !== undefined && image.tag !== row.tag);
    seen.add(key);
    if (taken) {
      if (rule.matched === 'keep') continue;
      throw duplicate(rule, row, 'two rows have the same key');
    }
    if (image) {
      // Kept by an earlier attempt: written too where both go in one transaction, else only what is still as it was before.
      const open = !store.features.transactions && (found ? image.before?.equals(found) : image.before === undefined);
      if (open) changes.images.push(image);
      continue;
    }
    if (!found) {
      if (rule.unmatched === 'fail') throw duplicate(rule, row, 'no document has the key of a row', 'UNKNOWN_FIELD');
      if (rule.unmatched === 'insert') changes.images.push({ before: undefined, after: row.document, tag: row.tag });
      continue;
    }
    if (rule.matched === 'keep') continue;
    if (rule.matched === 'fail') throw duplicate(rule, row, 'there is a document with the key of a row');
    refuseUnrestorable(found, rule.collection);
    if (rule.matched === 'pipeline') changes.pairs.push({ existing: found, row });
    else {
      const after = rule.matched === 'merge' ? merged(found, row.document) : replaced(found, row.document);
      if (!after.equals(found)) changes.images.push({ before: found, after, tag: row.tag });
    }
  }
  return changes;
}

/** The documents that have the keys of rows, by {@link rowKey}. */
async function matchingDocuments(
  store: Store,
  rule: RowRule,
  rows: readonly IncomingRow[],
  session: ClientSession | undefined,
): Promise<Map<string, Buffer>> {
  const [single] = rule.key;
  const filters = rows.flatMap((row) => {
    const parts = rule.key.map((field) => [field, valueAt(row.document, field)] as const);
    // As in SQL, null is no key.
    return parts.some(([, value]) => value === null || value === undefined) ? [] : [parts];
  });
  if (filters.length === 0) return new Map();
  const filter: Document =
    rule.key.length === 1
      ? { [single!]: { $in: filters.map(([part]) => part![1]) } }
      : { $or: filters.map((parts) => Object.fromEntries(parts.map(([field, value]) => [field, { $eq: value }]))) };
  const found = new Map<string, Buffer>();
  for (const document of await rawDocuments(store, rule.collection, filter, session)) {
    const key = rowKey(document, rule.key);
    if (found.has(key)) {
      throw new PolyshiftError(
        'CONSTRAINT_VIOLATED',
        `several documents of ${rule.collection} have the same ${rule.key.join(', ')}: ${keyText(document, rule.key)}`,
        {
          hint: 'The key must be unique: create a unique index on it first.',
        },
      );
    }
    found.set(key, document);
  }
  return found;
}

function rowKey(document: Buffer, key: readonly string[]): string {
  return key.map((field) => elementKey(document, findPath(document, field.split('.')))).join('\0');
}

function valueAt(document: Buffer, field: string): unknown {
  const element = findPath(document, field.split('.'));
  return element && exactValue(document, element.type, element.value);
}

function keyText(document: Buffer, key: readonly string[]): string {
  return key.map((field) => valueText(valueAt(document, field) ?? null)).join(', ');
}

function duplicate(
  rule: RowRule,
  row: IncomingRow,
  what: string,
  code: 'DUPLICATE_KEY' | 'UNKNOWN_FIELD' = 'DUPLICATE_KEY',
): PolyshiftError {
  return new PolyshiftError(code, `${rule.collection}: ${what}: ${rule.key.join(', ')} = ${keyText(row.document, rule.key)}`);
}

/** The fields of the row put into the document: in their place where they exist, else at the end. */
function merged(document: Buffer, row: Buffer): Buffer {
  const given = new Map<string, Element>(elementsOf(row).map((element) => [element.name, element]));
  given.delete('_id');
  const parts = elementsOf(document).map((element) => {
    const replacement = given.get(element.name);
    given.delete(element.name);
    return replacement ? elementBytes(row, replacement) : elementBytes(document, element);
  });
  return documentOf([...parts, ...[...given.values()].map((element) => elementBytes(row, element))]);
}

/** The row in place of the document, under the document's _id. */
function replaced(document: Buffer, row: Buffer): Buffer {
  const id = elementBytes(document, findElement(document, '_id')!);
  return documentOf([
    id,
    ...elementsOf(row)
      .filter((element) => element.name !== '_id')
      .map((element) => elementBytes(row, element)),
  ]);
}

/** A document with an _id in front: its own, or one made from the tag, so that each attempt makes the same. */
export function withId(fields: Map<string, unknown>, tag: string, hash: (text: string) => Buffer): Buffer {
  const document = new Map<string, unknown>([['_id', fields.get('_id') ?? new ObjectId(hash(tag).subarray(0, 12))]]);
  for (const [name, value] of fields) if (name !== '_id') document.set(name, value);
  return Buffer.from(BSON.serialize(document as Document));
}
