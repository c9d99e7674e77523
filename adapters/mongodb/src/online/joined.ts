import { ObjectId } from 'mongodb';
import { documentElement, documentOf, elementBytes, renamedElement } from '../bson/build-document.ts';
import { bsonType, type Element, elementsOf, findElement } from '../bson/element.ts';
import type { Part } from './parts.ts';

/** What one version holds of one _id: its document, and the documents of its parts that belong to it. */
export interface SideState {
  /** The document with the fields of its parts behind its own; undefined where there is none, whatever its parts hold. */
  readonly document: Buffer | undefined;
  readonly main: Buffer | undefined;
  /** In the order of the parts of this version. */
  readonly parts: readonly (Buffer | undefined)[];
  /** Why they cannot be put together. */
  readonly problem?: string | undefined;
}

/** Puts a document and its parts together. */
export function join(
  collection: string,
  parts: readonly Part[],
  main: Buffer | undefined,
  documents: readonly (Buffer | undefined)[],
): SideState {
  if (parts.length === 0) return { document: main, main, parts: [] };
  const problem = overlap(collection, parts, main) ?? strangers(parts, documents);
  if (!main || problem !== undefined) return { document: main, main, parts: documents, problem };
  const fields = parts.flatMap((part, index) => fieldsOf(part, documents[index]));
  const document =
    fields.length === 0 ? main : documentOf([...elementsOf(main).map((each) => elementBytes(main, each)), ...fields]);
  return { document, main, parts: documents };
}

/** A whole document in the order that it has once it has been written to a collection and its parts, and read again. */
export function arrange(parts: readonly Part[], document: Buffer): Buffer {
  if (parts.length === 0) return document;
  const elements = elementsOf(document);
  const rank = ({ name }: Element): number => parts.findIndex(({ fields }) => fields.has(name));
  const ranks = elements.map(rank);
  if (ranks.every((each, index) => index === 0 || each >= ranks[index - 1]!)) return document;
  const ordered = [-1, ...parts.keys()].flatMap((wanted) => elements.filter((_element, index) => ranks[index] === wanted));
  return documentOf(ordered.map((each) => elementBytes(document, each)));
}

/** The fields of a whole document that its own collection holds. */
export function mainOf(parts: readonly Part[], document: Buffer): Buffer {
  if (parts.length === 0) return document;
  const elements = elementsOf(document);
  const own = elements.filter(({ name }) => !parts.some(({ fields }) => fields.has(name)));
  return own.length === elements.length ? document : documentOf(own.map((each) => elementBytes(document, each)));
}

/**
 * The document of a part as it is to be for a whole document: undefined where none of its fields is there, and as it is where nothing of it changes. What
 * is there keeps its _id and its key, and their places.
 */
export function partDocumentOf(part: Part, document: Buffer, existing: Buffer | undefined): Buffer | undefined {
  const fields = fieldsOf(part, document);
  if (existing) {
    const now = fieldsOf(part, existing);
    if (now.length === fields.length && now.every((each, index) => each.equals(fields[index]!))) return existing;
  }
  if (fields.length === 0) return undefined;
  if (!existing) return documentOf([...header(part, document), ...fields]);
  const result = [...fields];
  for (const [index, element] of elementsOf(existing).entries())
    if (!part.fields.has(element.name)) result.splice(index, 0, elementBytes(existing, element));
  return documentOf(result);
}

/** The fields of a part that a document has, as bytes. */
export function fieldsOf({ fields }: Part, document: Buffer | undefined): Buffer[] {
  if (!document) return [];
  return elementsOf(document)
    .filter(({ name }) => fields.has(name))
    .map((each) => elementBytes(document, each));
}

function header({ key }: Part, document: Buffer): Buffer[] {
  const id = findElement(document, '_id')!;
  if (key === '_id') return [elementBytes(document, id)];
  return [documentElement('_id', bsonType.objectId, Buffer.from(new ObjectId().id)), renamedElement(document, id, key)];
}

/** A document must not have a field that stands in one of its parts: nobody could tell which of both counts. */
function overlap(collection: string, parts: readonly Part[], main: Buffer | undefined): string | undefined {
  if (!main) return undefined;
  for (const { name } of elementsOf(main)) {
    const part = parts.find(({ fields }) => fields.has(name));
    if (part) return `${collection} has ${name} itself, which stands in ${part.collection}`;
  }
  return undefined;
}

/** A document of a part must not have other fields than the part: the other version could not tell where they stand. */
function strangers(parts: readonly Part[], documents: readonly (Buffer | undefined)[]): string | undefined {
  for (const [index, part] of parts.entries()) {
    const document = documents[index];
    const stranger =
      document && elementsOf(document).find(({ name }) => name !== '_id' && name !== part.key && !part.fields.has(name));
    if (stranger) return `${part.collection} has ${stranger.name}, which the change does not name among its fields`;
  }
  return undefined;
}
