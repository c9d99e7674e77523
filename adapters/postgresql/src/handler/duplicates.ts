import { type Check, fail, pass } from '@polyshift/core';
import type { Queryable } from '../connection.ts';

/** The check that a unique index or key would find no equal rows. `keys` are quoted; nulls count as equal only where asked for. */
export async function duplicateCheck(
  connection: Queryable,
  table: { name: string; sql: string },
  keys: readonly string[],
  options: { where?: string | undefined; nullsDistinct: boolean },
): Promise<Check> {
  const terms = [
    ...(options.where === undefined ? [] : [`(${options.where})`]),
    ...(options.nullsDistinct ? keys.map((key) => `${key} IS NOT NULL`) : []),
  ];
  const names = keys.join(', ');
  const rows = await connection.texts(
    `SELECT count(*) OVER (), sum(count(*)) OVER (), count(*), ${names} FROM ${table.sql}
     ${terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`} GROUP BY ${names} HAVING count(*) > 1 ORDER BY count(*) DESC, ${names} LIMIT 5`,
  );
  if (rows.length === 0) return pass('duplicates', `no two rows of ${table.name} have the same ${plain(keys)}`);
  const groups = Number(rows[0]![0]);
  const examples = rows.map(
    (row) =>
      `${row
        .slice(3)
        .map((text) => text ?? 'null')
        .join(', ')} (${row[2]} times)`,
  );
  return fail(
    'duplicates',
    `${rows[0]![1]} rows of ${table.name} share ${groups} values of ${plain(keys)}: ${examples.join('; ')}${groups > examples.length ? '; ...' : ''}`,
    'Remove or change the duplicates first.',
    { groups, rows: Number(rows[0]![1]), examples },
  );
}

function plain(keys: readonly string[]): string {
  return keys.map((key) => key.replace(/^"|"$/g, '').replaceAll('""', '"')).join(', ');
}
