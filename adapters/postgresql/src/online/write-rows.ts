import { quote, quoteList } from '../identifiers.ts';
import type { Way } from './way.ts';

/** The statement that inserts mapped rows, without its end. */
export function insertRows(way: Way, rows: string): string {
  const list = quoteList(way.columns.map(({ name }) => name));
  return `INSERT INTO ${way.target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM (${rows}) AS f`;
}

/** As {@link insertRows}; a row whose key is there gets the values. */
export function upsertRows(way: Way, rows: string): string {
  const keys = way.key.map(({ target }) => target);
  const set = way.columns
    .filter(({ name, update }) => update && !keys.includes(name))
    .map(({ name }) => `${quote(name)} = excluded.${quote(name)}`);
  return `${insertRows(way, rows)} ON CONFLICT (${keyList(way)}) DO ${set.length === 0 ? 'NOTHING' : `UPDATE SET ${set.join(', ')}`}`;
}

/** The key columns of the target. */
export function keyList(way: Way): string {
  return quoteList(way.key.map(({ target }) => target));
}
