import { type Check, type FoundRows, fail, pass } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Queryable, Raw } from '../connection.ts';
import { quote } from '../identifiers.ts';

/** How many rows a message names. */
const shown = 5;

/** Counts the rows of a table that meet an SQL condition and names the first ones by their key, or by the columns given. The table is `r`. */
export async function findRows(
  connection: Queryable,
  table: Pick<Table, 'sql' | 'rowKey'>,
  condition: string,
  show: readonly string[] = [],
): Promise<FoundRows> {
  const from = `FROM ${table.sql} AS r WHERE ${condition}`;
  const counted = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count ${from}`);
  const count = Number(counted!.count);
  const names = [...new Set([...table.rowKey, ...show])];
  if (count === 0 || names.length === 0) return { count, examples: [] };
  const order = table.rowKey.length > 0 ? ` ORDER BY ${table.rowKey.map((name) => `r.${quote(name)}`).join(', ')}` : '';
  const rows = await connection.values(
    `SELECT ${names.map((name) => `r.${quote(name)}`).join(', ')} ${from}${order} LIMIT ${shown}`,
  );
  return { count, examples: rows.map((row) => describeKey(names, row)) };
}

/** A key for people: `id=1, name=null`. */
export function describeKey(names: readonly string[], values: readonly Raw[]): string {
  return names.map((name, index) => `${name}=${rawText(values[index]!)}`).join(', ');
}

/** The check that a unique index or key would find no equal rows: equal by the collation of the columns, as the index compares them. */
export async function duplicateCheck(
  connection: Queryable,
  table: { name: string; sql: string },
  keys: readonly string[],
  options: { where?: string | undefined; names?: readonly string[] } = {},
): Promise<Check> {
  const terms = [...(options.where === undefined ? [] : [`(${options.where})`]), ...keys.map((key) => `${key} IS NOT NULL`)];
  const list = keys.join(', ');
  const names = (options.names ?? keys.map((key) => key.replace(/^`|`$/g, '').replaceAll('``', '`'))).join(', ');
  const rows = await connection.values(
    `SELECT COUNT(*) OVER (), SUM(n) OVER (), g.* FROM (SELECT COUNT(*) AS n, ${keys.map((key, index) => `${key} AS k${index}`).join(', ')}
       FROM ${table.sql} WHERE ${terms.join(' AND ')} GROUP BY ${list} HAVING COUNT(*) > 1) AS g ORDER BY g.n DESC LIMIT ${shown}`,
  );
  if (rows.length === 0) return pass('duplicates', `no two rows of ${table.name} have the same ${names}`);
  const [groups, total] = [Number(rows[0]![0]), Number(rows[0]![1])];
  const examples = rows.map((row) => `${row.slice(3).map(rawText).join(', ')} (${row[2]} times)`);
  return fail(
    'duplicates',
    `${total} rows of ${table.name} share ${groups} values of ${names}: ${examples.join('; ')}${groups > examples.length ? '; ...' : ''}`,
    'Remove or change the duplicates first.',
    { groups, rows: total, examples },
  );
}

function rawText(value: Raw): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? `0x${value.toString('hex')}` : String(value);
}
