import { createHash } from 'node:crypto';
import type { JsonObject, PortableDocument, PortableValue } from '@polyshift/core';
import { exactText } from '../values/exact-text.ts';

/** The top-level fields of a document, each with a digest of its type and value. */
export type FieldDigests = ReadonlyMap<string, string>;

/** The digest of a value: its type counts, the order of fields within documents does not, because not every store keeps it. */
export function valueDigest(value: PortableValue): string {
  return createHash('md5').update(exactText(value, true)).digest('base64url').slice(0, 11);
}

/** The digests of the fields of a document. */
export function fieldDigests(document: PortableDocument): FieldDigests {
  return new Map([...document].map(([field, value]) => [field, valueDigest(value)]));
}

/** Whether two documents have the same fields with the same values. */
export function sameDigests(left: FieldDigests, right: FieldDigests): boolean {
  if (left === right) return true;
  if (left.size !== right.size) return false;
  for (const [field, digest] of left) if (right.get(field) !== digest) return false;
  return true;
}

/** The fields in which two documents differ. */
export function differingFields(left: FieldDigests, right: FieldDigests): string[] {
  return [...new Set([...left.keys(), ...right.keys()])].filter((field) => left.get(field) !== right.get(field));
}

/** Digests as JSON. */
export function digestsToJson(digests: FieldDigests): JsonObject {
  return Object.fromEntries(digests);
}

/** The way back from {@link digestsToJson}. */
export function digestsFromJson(json: JsonObject): FieldDigests {
  return new Map(Object.entries(json) as [string, string][]);
}
