import type { FoundRows } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';

/** How many rows a message names. */
const shown = 5;

/** Counts the rows of a table that meet an SQL condition and names the first ones by their key, or by the columns given. */
export async function findRows(
  connection: Queryable,
  table: Pick<Table, 'sql' | 'rowKey'>,
  condition: string,
  options: { values?: readonly unknown[]; show?: readonly string[]; alias?: string } = {},
): Promise<FoundRows> {
  const alias = options.alias ?? 'r';
  const from = `FROM ${table.sql} AS ${quote(alias)} WHERE ${condition}`;
  const counted = await connection.row<{ count: string }>(`SELECT count(*) AS count ${from}`, options.values);
  const count = Number(counted!.count);
  if (count === 0) return { count, examples: [] };
  const names = [...new Set([...table.rowKey, ...(options.show ?? [])])];
  if (names.length === 0) return { count, examples: [] };
  const columns = names.map((name) => `${quote(alias)}.${quote(name)}`);
  const order =
    table.rowKey.length > 0 ? ` ORDER BY ${table.rowKey.map((name) => `${quote(alias)}.${quote(name)}`).join(', ')}` : '';
  const rows = await connection.texts(`SELECT ${columns.join(', ')} ${from}${order} LIMIT ${shown}`, options.values);
  return { count, examples: rows.map((row) => describeKey(names, row)) };
}

/** A key for people: `id=1, name=null`. */
export function describeKey(names: readonly string[], values: readonly (string | null)[]): string {
  return names.map((name, index) => `${name}=${values[index] === null ? 'null' : values[index]}`).join(', ');
}
