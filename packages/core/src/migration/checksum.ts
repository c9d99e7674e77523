import { createHash } from 'node:crypto';

/** The checksum of a migration: SHA-256 over its operations as JSON with sorted keys. */
export function migrationChecksum(content: { operations: unknown; down?: unknown }): string {
  return `sha256:${createHash('sha256').update(stableJson(content)).digest('hex')}`;
}

/** JSON with the keys of every object in sorted order, so that equal content has equal text. Key order inside `keys` of an index counts and is kept by a list. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    if (key === 'keys' || key === '$sort') return Object.entries(inner);
    return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
