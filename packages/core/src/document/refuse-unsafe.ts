import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { SourceDocument } from './document.ts';

/** Levels of a document, at most; every part of polyshift that goes down into one has the stack for as many. */
const deepest = 100;

/**
 * Throws INVALID_DOCUMENT for what no schema can be trusted with: a key `__proto__`, which JavaScript takes for the prototype of an object, so that
 * conditions with it would lose a condition; and a document that is nested without end, as one with an alias of itself is.
 */
export function refuseUnsafe(document: SourceDocument, content: unknown, base: readonly PropertyKey[] = []): void {
  const pending: { value: unknown; path: readonly PropertyKey[] }[] = [{ value: content, path: base }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null || !isData(value)) continue;
    if (path.length - base.length > deepest)
      throw refused(document, path.slice(0, 3), `it is nested more than ${deepest} levels deep`);
    const entries: Iterable<[PropertyKey, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, each] of entries) {
      if (key === '__proto__') throw refused(document, [...path, key], 'no field and no key can have the name __proto__');
      if (typeof each === 'object' && each !== null) pending.push({ value: each, path: [...path, key] });
    }
  }
}

/** What a module exports may hold functions and objects of classes, which are its own business. */
function isData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function refused(document: SourceDocument, path: readonly PropertyKey[], why: string): PolyshiftError {
  const place = document.place(path);
  const where = `${place.file}${place.line ? `:${place.line}:${place.column}` : ''}`;
  return new PolyshiftError('INVALID_DOCUMENT', `${where}: ${place.path ? `${place.path}: ` : ''}${why}`, { place });
}
