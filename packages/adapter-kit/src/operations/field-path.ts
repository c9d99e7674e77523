import { PolyshiftError, type PortableDocument, type PortableValue } from '@polyshift/core';
import type { FieldEdit } from '../row-store.ts';
import { valueAt, withoutPath, withPath } from '../values/field-path.ts';

/** The parts of a field's name: a dotted path reaches into documents. Throws INVALID_DOCUMENT for an empty part. */
export function pathParts(name: string): readonly string[] {
  const parts = name.split('.');
  if (parts.some((part) => part === ''))
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(name)} is not the path of a field`, {
      hint: 'The parts of a path are not empty.',
    });
  return parts;
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
  return topLevel(withPath(document, name, value), document, name);
}

/** The edit that removes a path; none where it is missing. */
export function unsetAt(document: PortableDocument, name: string): FieldEdit[] {
  const without = withoutPath(document, name);
  return without === document ? [] : [topLevel(without, document, name)];
}

/** The edit that gives a path another last part, in its place; none where it is missing. */
export function renameAt(document: PortableDocument, name: string, newLast: string): FieldEdit[] {
  if (isBlocked(document, name) || valueAt(document, name) === undefined) return [];
  const parts = document.has(name) ? [name] : pathParts(name);
  const parents = parts.slice(0, -1);
  if (parents.length === 0) return [{ kind: 'rename', from: name, to: newLast }];
  const parent = valueAt(document, parents.join('.')) as PortableDocument;
  const renamed: PortableDocument = new Map(
    [...parent].map(([field, value]) => [field === parts.at(-1) ? newLast : field, value]),
  );
  return [setAt(document, parents.join('.'), renamed)];
}

/** The edit of the field of a row in which a path begins. */
function topLevel(changed: PortableDocument, document: PortableDocument, name: string): FieldEdit {
  const field = document.has(name) ? name : pathParts(name)[0]!;
  const value = changed.get(field);
  return value === undefined ? { kind: 'unset', field } : { kind: 'set', field, value };
}
