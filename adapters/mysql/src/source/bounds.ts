import type { JsonValue } from '@polyshift/core';
import type { Raw } from '../connection.ts';
import { literalWriter, type SqlColumn } from '../values/literal.ts';

/** The key of a row as the driver gives it. */
export type Key = readonly NonNullable<Raw>[];

/** The bounds of a partition: rows from `from` on and before `to`. Null is unbounded. */
export interface KeyBounds {
  readonly from: Key | null;
  readonly to: Key | null;
}

/** A key as plain JSON; bytes as their hexadecimal digits. */
export function keyToJson(key: readonly Raw[]): JsonValue {
  return key.map((part) => (part !== null && typeof part === 'object' ? { hex: part.toString('hex') } : part));
}

/** The key that {@link keyToJson} wrote; null where there is none. */
export function keyFromJson(json: JsonValue | undefined): Key | null {
  if (!Array.isArray(json)) return null;
  return json.map((part) =>
    typeof part === 'object' && part !== null ? Buffer.from((part as { hex: string }).hex, 'hex') : (part as string | number),
  );
}

/** Reads bounds out of plain JSON. */
export function toBounds(json: JsonValue): KeyBounds {
  const { from, to } = (json ?? {}) as { from?: JsonValue; to?: JsonValue };
  return { from: keyFromJson(from), to: keyFromJson(to) };
}

/**
 * Compares key columns, as one row, with a key. Written out part by part behind a bound on the first one, because the server does not use an
 * index for a comparison of rows.
 */
export function compareKey(
  key: readonly SqlColumn[],
  names: readonly string[],
  operator: '>' | '>=' | '<' | '<=',
  values: Key,
): string {
  const literals = key.map((column, index) => literalWriter(column)(values[index]!));
  const strict = operator[0]!;
  const last = key.length - 1;
  if (last === 0) return `${names[0]} ${operator} ${literals[0]}`;
  const terms = key.map((_, index) =>
    [
      ...names.slice(0, index).map((name, before) => `${name} = ${literals[before]}`),
      `${names[index]} ${index === last ? operator : strict} ${literals[index]}`,
    ].join(' AND '),
  );
  return `(${names[0]} ${strict}= ${literals[0]} AND (${terms.map((term) => `(${term})`).join(' OR ')}))`;
}
