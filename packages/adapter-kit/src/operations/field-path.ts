import { PolyshiftError, type PortableDocument, type PortableValue } from '@polyshift/core';
import type { FieldEdit } from '../row-store.ts';

/** The parts of a field's name: a dotted path reaches into documents. Throws INVALID_DOCUMENT for an empty part. */
export function pathParts(name: string): readonly string[] {
  const parts = name.split('.');
  if (parts.some((part) => part === ''))
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(name)} is not the path of a field`, {
      hint: 'The parts of a path are not empty.',
    });
  return parts;
}

/** The value at a path; undefined where it is missing. A field of that very name comes before the path. */
export function valueAt(document: PortableDocument, name: string): PortableValue | undefined {
  if (document.has(name)) return document.get(name);
  let value: PortableValue | undefined = document;
  for (const part of pathParts(name)) {
    if (!(value instanceof Map)) return undefined;
    value = value.get(part);
  }
  return value;
}

/** Whether the path leads through a value that is there and no document. */
export function isBlocked(document: PortableDocument, name: string): boolean {
  if (document.has(name)) return false;
  let value: PortableValue | undefined = document;
  for (const part of pathParts(name).slice(0, -1)) {
    value = (value as PortableDocument).get(part);
    if (value === undefined) return false;
    if (!(value instanceof Map)) return true;
  }
  return false;
}

/** The edit that puts a value at a path; documents on the way that are missing are made. */
export function setAt(document: PortableDocument, name: string, value: PortableValue): FieldEdit {
  const [first, ...rest] = document.has(name) ? [name] : pathParts(name);
  if (rest.length === 0) return { kind: 'set', field: first!, value };
  return { kind: 'set', field: first!, value: changed(document.get(first!), rest, (parent, last) => parent.set(last, value)) };
}

/** The edit that removes a path; none where it is missing. */
export function unsetAt(document: PortableDocument, name: string): FieldEdit[] {
  if (valueAt(document, name) === undefined) return [];
  const [first, ...rest] = document.has(name) ? [name] : pathParts(name);
  if (rest.length === 0) return [{ kind: 'unset', field: first! }];
  return [
    {
      kind: 'set',
      field: first!,
      value: changed(document.get(first!), rest, (parent, last) => void parent.delete(last)),
    },
  ];
}

/** The edit that gives a path another last part, in its place; none where it is missing. */
export function renameAt(document: PortableDocument, name: string, newLast: string): FieldEdit[] {
  if (valueAt(document, name) === undefined) return [];
  const [first, ...rest] = document.has(name) ? [name] : pathParts(name);
  if (rest.length === 0) return [{ kind: 'rename', from: first!, to: newLast }];
  const value = changed(document.get(first!), rest, (parent, last) => {
    const entries = [...parent].map(([field, inner]) => [field === last ? newLast : field, inner] as const);
    parent.clear();
    for (const [field, inner] of entries) parent.set(field, inner);
  });
  return [{ kind: 'set', field: first!, value }];
}

/** A copy of a nested document in which the parent of the path's end was changed. */
function changed(
  value: PortableValue | undefined,
  path: readonly string[],
  change: (parent: PortableDocument, last: string) => void,
): PortableDocument {
  const copy: PortableDocument = new Map(value instanceof Map ? value : []);
  const [next, ...rest] = path;
  if (rest.length === 0) change(copy, next!);
  else copy.set(next!, changed(copy.get(next!), rest, change));
  return copy;
}
