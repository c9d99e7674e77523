import { documentElement, documentOf, elementBytes, renamedElement } from '../bson/build-document.ts';
import { bsonType, type Element, elementsOf } from '../bson/element.ts';

/** Replaces the field at a path by other bytes, in its place: undefined takes it away. Paths lead through documents, never through arrays. */
export function mapField(
  document: Buffer,
  path: readonly string[],
  map: (buffer: Buffer, element: Element, siblings: readonly Element[]) => Buffer | undefined,
  offset = 0,
): Buffer | undefined {
  const elements = elementsOf(document, offset);
  const [name, ...rest] = path;
  const at = elements.findIndex((element) => element.name === name);
  const found = elements[at];
  if (!found) return undefined;
  const parts = elements.map((element) => elementBytes(document, element));
  if (rest.length === 0) {
    const bytes = map(document, found, elements);
    if (bytes) parts[at] = bytes;
    else parts.splice(at, 1);
    return documentOf(parts);
  }
  if (found.type !== bsonType.object) return undefined;
  const inner = mapField(document, rest, map, found.value);
  if (!inner) return undefined;
  parts[at] = documentElement(found.name, found.type, inner);
  return documentOf(parts);
}

/** The document without the field at the path; undefined where it has none. */
export function withoutField(document: Buffer, path: readonly string[]): Buffer | undefined {
  return mapField(document, path, () => undefined);
}

/** The document with the field at the path under another name, in its place; undefined where it has none, or has the other name already. */
export function withRenamedField(document: Buffer, path: readonly string[], name: string): Buffer | undefined {
  let taken = false;
  const renamed = mapField(document, path, (buffer, element, siblings) => {
    taken = siblings.some((sibling) => sibling.name === name);
    return renamedElement(buffer, element, name);
  });
  return taken ? undefined : renamed;
}

/** The filter of documents whose path leads through documents only, down to a field that is there. */
export function hasPath(path: readonly string[]): object {
  const full = path.join('.');
  if (path.length === 1) return { [full]: { $exists: true } };
  return { $and: [{ [full]: { $exists: true } }, ...throughDocuments(path)] };
}

/** The filter of documents in which a part of the path before its end is an array: no single value can be meant. */
export function throughArrays(path: readonly string[]): object | undefined {
  if (path.length === 1) return undefined;
  return { $or: parents(path).map((parent) => ({ [parent]: { $type: 4 } })) };
}

function throughDocuments(path: readonly string[]): object[] {
  return parents(path).map((parent) => ({ [parent]: { $not: { $type: 4 } } }));
}

/** `a.b.c` has the parents `a` and `a.b`. */
export function parents(path: readonly string[]): string[] {
  return path.slice(1).map((_part, index) => path.slice(0, index + 1).join('.'));
}
