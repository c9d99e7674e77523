import type { PortableDocument, PortableValue } from '@polyshift/core';
import { plainForm } from './plain-form.ts';

/**
 * The ways to read a dotted path in a document: the field with the whole of it as its name, then the longest beginning of it that is a field, with the rest
 * inside of that. So a field of that very name is always found before a nested one.
 */
export function splitPath(
  document: PortableDocument,
  path: string,
): { readonly field: string; readonly rest?: string } | undefined {
  if (document.has(path)) return { field: path };
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const field = path.slice(0, dot);
    if (document.has(field)) return { field, rest: path.slice(dot + 1) };
  }
  return undefined;
}

/**
 * Whether a test holds for one of the values that a path reaches: the value, and the elements of an array. A path goes through arrays to the documents in
 * them (`items.price`), or to one element by its number (`items.0.price`).
 */
export function someAt(container: PortableValue, path: string, test: (value: PortableValue) => boolean): boolean {
  const value = plainForm(container);
  if (value instanceof Map) {
    const found = splitPath(value, path);
    if (!found) return false;
    const inner = value.get(found.field)!;
    return found.rest === undefined ? someOf(inner, test) : someAt(inner, found.rest, test);
  }
  return Array.isArray(value) && (someAtIndex(value, path, test) || someInElements(value, path, test));
}

function someOf(value: PortableValue, test: (value: PortableValue) => boolean): boolean {
  if (test(value)) return true;
  const plain = plainForm(value);
  return Array.isArray(plain) && plain.some(test);
}

function someInElements(array: readonly PortableValue[], path: string, test: (value: PortableValue) => boolean): boolean {
  return array.some((element) => plainForm(element) instanceof Map && someAt(element, path, test));
}

function someAtIndex(array: readonly PortableValue[], path: string, test: (value: PortableValue) => boolean): boolean {
  const [, digits, rest] = /^(\d+)(?:\.(.*))?$/s.exec(path) ?? [];
  const element = digits === undefined ? undefined : array[Number(digits)];
  if (element === undefined) return false;
  return rest === undefined ? someOf(element, test) : someAt(element, rest, test);
}
