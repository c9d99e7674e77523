import type { Table } from './catalog/table.ts';
import { tableName } from './catalog/table-text.ts';
import type { RowConditions } from './conditions.ts';
import { inParallel, readPage } from './cql/execute.ts';
import { timedOut } from './errors.ts';
import { documentOf } from './rows/codec.ts';
import { isRow } from './rows/row-store.ts';
import { scanPages } from './rows/scan.ts';
import { rawRow, tokenOf } from './rows/select.ts';
import { splitRange, splitRing, type TokenRange } from './rows/token-range.ts';
import type { Store } from './store.ts';

/** Ranges that a count is split into: the store counts each within its timeout. */
const ranges = 16;

/** The exact number of rows that meet conditions; partitions that have static values alone hold no row. */
export async function countRows(store: Store, table: Table, conditions: RowConditions): Promise<number> {
  return sumOf(splitRing(ranges), (range) => countRange(store, table, conditions, range));
}

async function sumOf(parts: readonly TokenRange[], count: (range: TokenRange) => Promise<number>): Promise<number> {
  const counts = await inParallel(parts, count, 4);
  return counts.reduce((sum, each) => sum + each, 0);
}

async function countRange(store: Store, table: Table, conditions: RowConditions, range: TokenRange): Promise<number> {
  const isPlain = conditions.fields.length === 0 && table.columns.every(({ kind }) => kind !== 'static');
  if (isPlain) {
    const token = tokenOf(table);
    const cql = `SELECT count(*) AS n FROM ${tableName(store.keyspace, table.name)} WHERE ${token} > ? AND ${token} <= ?`;
    try {
      const { rows } = await readPage(store, cql, [BigInt(range.from), BigInt(range.to)], { size: 5000 });
      return Number(rows[0]?.['n'] ?? 0);
    } catch (error) {
      // Too many rows for the time that a request has: in smaller ranges, as long as there are any.
      if (!timedOut(error) || BigInt(range.to) - BigInt(range.from) < BigInt(ranges)) throw error;
      return sumOf(splitRange(range, ranges), (part) => countRange(store, table, conditions, part));
    }
  }
  const columns = table.columns.filter(
    ({ name, kind }) => kind === 'partition_key' || kind === 'clustering' || conditions.fields.includes(name),
  );
  let count = 0;
  for await (const page of scanPages(store, table, { columns, range, pageSize: 5000 })) {
    for (const each of page) {
      const row = rawRow(columns, each);
      if (isRow(table, row) && (conditions.fields.length === 0 || conditions.holds(documentOf(table, row)))) count++;
    }
  }
  return count;
}
