import type { JsonValue } from '@polyshift/core';
import type { ColumnDefinition, Table } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { type Bound, type DriverRow, type Page, readPage } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import type { Store } from '../store.ts';
import { keyBytes, partitionBytes } from './row-key.ts';
import { rawRow, selectList, tokenOf } from './select.ts';
import { type TokenRange, wholeRing } from './token-range.ts';

/** What to read of a table: rows of a range of tokens, behind a key where one was reached. */
export interface Scan {
  readonly columns: readonly ColumnDefinition[];
  readonly range?: TokenRange | undefined;
  readonly after?: ScanPosition | undefined;
  /** Rows in a page, at most. */
  readonly pageSize: number;
}

/** Where a scan stands: the token of a row, as digits, and its key. */
export interface ScanPosition {
  readonly token: string;
  readonly key: JsonValue;
}

/** Rows in a page, at most, whatever is asked for: a page must be read within the timeout of the server. */
const mostInPage = 5000;

/**
 * Reads a range in the order of tokens, page by page, one ahead; the token of a row stands under `t`. Behind a key it goes on in three steps, so that no partition is left out
 * or read twice: the rest of the partition of the key, other partitions that have the same token, and the tokens behind.
 */
export async function* scanPages(store: Store, table: Table, scan: Scan): AsyncGenerator<readonly DriverRow[]> {
  const range = scan.range ?? wholeRing;
  const select = `SELECT ${tokenOf(table)} AS t, ${selectList(scan.columns)} FROM ${tableName(store.keyspace, table.name)}`;
  const pages = (where: string, values: readonly Bound[]) => pagesOf(store, `${select} WHERE ${where}`, values, scan.pageSize);
  if (scan.after) {
    const { token, key } = scan.after;
    const parts = keyBytes(table, key);
    const partition = parts.slice(0, table.partitionKey.length);
    for (const [where, values] of restOfPartition(table, parts)) yield* pages(where, [...partition, ...values]);
    for (const other of await samePartitions(store, table, token, partition)) yield* pages(equal(table.partitionKey), other);
    yield* pages(`${tokenOf(table)} > ? AND ${tokenOf(table)} <= ?`, [BigInt(token), BigInt(range.to)]);
  } else {
    yield* pages(`${tokenOf(table)} > ? AND ${tokenOf(table)} <= ?`, [BigInt(range.from), BigInt(range.to)]);
  }
}

/**
 * Conditions for the rows of a partition behind a row, in its order: those that share all but the last part of the clustering key, then those
 * that share less. A comparison of whole tuples would not do: each clustering column has its own direction.
 */
function restOfPartition(table: Table, parts: readonly Buffer[]): [string, Buffer[]][] {
  const clustering = table.clusteringKey;
  const values = parts.slice(table.partitionKey.length);
  // The static values of a partition come before all of its rows.
  if (clustering.length > 0 && values.length === 0) return [[equal(table.partitionKey), []]];
  return clustering
    .map((column, index): [string, Buffer[]] => {
      const shared = [...table.partitionKey, ...clustering.slice(0, index)];
      return [`${equal(shared)} AND ${quoted(column.name)} ${column.descending ? '<' : '>'} ?`, values.slice(0, index + 1)];
    })
    .reverse();
}

/** Other partitions with the token of one, that stand behind it: two keys may have the same hash. */
async function samePartitions(store: Store, table: Table, token: string, partition: readonly Buffer[]): Promise<Buffer[][]> {
  const cql = `SELECT DISTINCT ${selectList(table.partitionKey)} FROM ${tableName(store.keyspace, table.name)} WHERE ${tokenOf(table)} = ?`;
  const found: Buffer[][] = [];
  for await (const rows of pagesOf(store, cql, [BigInt(token)], mostInPage)) {
    for (const row of rows) found.push([...rawRow(table.partitionKey, row).values()]);
  }
  const reached = partitionBytes(partition);
  return found.filter((other) => Buffer.compare(partitionBytes(other), reached) > 0);
}

function equal(columns: readonly ColumnDefinition[]): string {
  return columns.map(({ name }) => `${quoted(name)} = ?`).join(' AND ');
}

async function* pagesOf(
  store: Store,
  cql: string,
  values: readonly Bound[],
  pageSize: number,
): AsyncGenerator<readonly DriverRow[]> {
  const size = Math.min(pageSize, mostInPage);
  let coming: Promise<Page> | undefined = readPage(store, cql, values, { size });
  try {
    while (coming) {
      const { rows, state }: Page = await coming;
      coming = state === undefined ? undefined : readPage(store, cql, values, { size, state });
      coming?.catch(() => undefined);
      if (rows.length > 0) yield rows;
    }
  } finally {
    await coming?.catch(() => undefined);
  }
}
