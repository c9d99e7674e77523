import type { JsonValue } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import { quote, quoteList } from '../identifiers.ts';
import type { Bind } from '../parameters.ts';

/** The bounds of a partition: keys as texts; rows from `from` on and before `to`. Null is unbounded. */
export interface KeyBounds {
  readonly from: readonly string[] | null;
  readonly to: readonly string[] | null;
}

/** Reads bounds out of plain JSON. */
export function toBounds(json: JsonValue): KeyBounds {
  const { from = null, to = null } = (json ?? {}) as { from?: string[] | null; to?: string[] | null };
  return { from, to };
}

/** The key of a row as plain JSON. */
export function toKey(json: JsonValue | undefined): readonly string[] | null {
  return Array.isArray(json) ? (json as string[]) : null;
}

/** Compares the key columns, as one row, with key texts of the columns' types. */
export function compareKey(
  key: readonly TableColumn[],
  operator: '>' | '>=' | '<' | '<=',
  texts: readonly string[],
  bind: Bind,
): string {
  const values = key.map((column, index) => bind(texts[index]!, column.storage));
  return key.length === 1
    ? `${quote(key[0]!.name)} ${operator} ${values[0]}`
    : `(${quoteList(key.map((column) => column.name))}) ${operator} (${values.join(', ')})`;
}
