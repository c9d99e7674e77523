import type { PortableDocument, PortableValue } from '@polyshift/core';
import { plainForm } from './plain-form.ts';

/**
 * Whether a test holds for one of the values that a path reaches: the value, and the elements of an array. A field with the whole path as its name
 * comes first. A path goes through arrays to the documents in them (`items.price`), or to one element by its number (`items.0.price`).
 */
export function someAt(document: PortableDocument, path: string, test: (value: PortableValue) => boolean): boolean {
  const own = document.get(path);
  if (own !== undefined) return someOf(own, test);
  return path.includes('.') && someInside(document, path.split('.'), 0, test);
}

function someInside(
  container: PortableValue,
  parts: readonly string[],
  index: number,
  test: (value: PortableValue) => boolean,
): boolean {
  if (index === parts.length) return someOf(container, test);
  const value = plainForm(container);
  const part = parts[index]!;
  if (value instanceof Map) {
    const inner = value.get(part);
    return inner !== undefined && someInside(inner, parts, index + 1, test);
  }
  if (!Array.isArray(value)) return false;
  const element = /^\d+$/.test(part) ? value[Number(part)] : undefined;
  if (element !== undefined && someInside(element, parts, index + 1, test)) return true;
  return value.some((each) => plainForm(each) instanceof Map && someInside(each, parts, index, test));
}

function someOf(value: PortableValue, test: (value: PortableValue) => boolean): boolean {
  if (test(value)) return true;
  const plain = plainForm(value);
  return Array.isArray(plain) && plain.some(test);
}

/**
 * The value that a path reaches, undefined where it is missing. A field with the whole path as its name comes first; through an array a path reaches
 * the list of what it finds in the documents there.
 */
export function valueAt(document: PortableDocument, path: string): PortableValue | undefined {
  const own = document.get(path);
  if (own !== undefined) return own;
  return path.includes('.') ? inside(document, path.split('.'), 0) : undefined;
}

function inside(container: PortableValue, parts: readonly string[], index: number): PortableValue | undefined {
  if (index === parts.length) return container;
  const value = plainForm(container);
  if (value instanceof Map) {
    const inner = value.get(parts[index]!);
    return inner === undefined ? undefined : inside(inner, parts, index + 1);
  }
  if (!Array.isArray(value)) return undefined;
  return value.map((element) => inside(element, parts, index)).filter((found) => found !== undefined);
}

/** A copy of a document in which a path has a value; what is missing on the way is made, what is no document there gives way to one, and in an array each element gets it. */
export function withPath(document: PortableDocument, path: string, value: PortableValue): PortableDocument {
  const parts = document.has(path) ? [path] : path.split('.');
  return changed(document, parts, 0, value) as PortableDocument;
}

function changed(
  container: PortableValue | undefined,
  parts: readonly string[],
  index: number,
  value: PortableValue,
): PortableValue {
  if (index === parts.length) return value;
  const plain = container === undefined ? undefined : plainForm(container);
  if (Array.isArray(plain)) return plain.map((element) => changed(element, parts, index, value));
  const copy: PortableDocument = new Map(plain instanceof Map ? plain : []);
  const part = parts[index]!;
  return copy.set(part, changed(copy.get(part), parts, index + 1, value));
}

/** A copy of a document without what a path reaches, in an array without it in each element; the document itself where there is nothing. */
export function withoutPath(document: PortableDocument, path: string): PortableDocument {
  const parts = document.has(path) ? [path] : path.split('.');
  return removed(document, parts, 0) as PortableDocument;
}

function removed(container: PortableValue, parts: readonly string[], index: number): PortableValue {
  const plain = plainForm(container);
  if (Array.isArray(plain)) {
    const rest = plain.map((element) => removed(element, parts, index));
    return rest.some((element, position) => element !== plain[position]) ? rest : container;
  }
  const part = parts[index]!;
  const inner = plain instanceof Map ? plain.get(part) : undefined;
  if (inner === undefined) return container;
  const copy: PortableDocument = new Map(plain as PortableDocument);
  if (index === parts.length - 1) {
    copy.delete(part);
    return copy;
  }
  const rest = removed(inner, parts, index + 1);
  return rest === inner ? container : copy.set(part, rest);
}
