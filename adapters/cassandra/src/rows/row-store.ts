import type { KeyedRow, RawRow, RowBatchOf, RowKey, RowScan, RowStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import { asideStore } from '../aside.ts';
import { type ColumnDefinition, openedTable, openTable, rowColumns, type Table } from '../catalog/table.ts';
import { inParallel } from '../cql/execute.ts';
import type { Store } from '../store.ts';
import { rowCodec } from './codec.ts';
import { getRow } from './get-row.ts';
import { keyOfRow } from './row-key.ts';
import { type ScanPosition, scanPages } from './scan.ts';
import { rawRow } from './select.ts';
import { writeRows } from './write-rows.ts';

/** Requests in flight of one call. */
const width = 128;

/**
 * The rows of the keyspace's tables.
 *
 * @param statics whether the static values of a partition are a row of their own, which copies of whole tables want; operations that change rows do
 * not see them
 */
export function rowStore(store: Store, statics = false): RowStore<Buffer> {
  return {
    codec: rowCodec(store),
    aside: asideStore(store),

    async *scan(collection, scan) {
      yield* scanRows(store, await openTable(store, collection), scan, statics);
    },

    async get(collection, keys) {
      const found = await inParallel(keys, (key) => getRow(store, openedTable(store, collection), key), width);
      return found.filter((each) => each !== undefined);
    },

    async write(collection, writes) {
      return writeRows(store, openedTable(store, collection), writes);
    },

    async approximateCount() {
      // The estimates of a node are of its own partitions, and often of none.
      return undefined;
    },
  };
}

async function* scanRows(store: Store, table: Table, scan: RowScan, statics: boolean): AsyncGenerator<RowBatchOf<Buffer>> {
  const columns = statics ? table.columns : rowColumns(table);
  const withStatics = statics && columns.some(({ kind }) => kind === 'static');
  const after = scan.after as ScanPosition | undefined;
  let partition = after && partitionText(table, after.key);
  let rows: KeyedRow<Buffer>[] = [];
  let token = '';
  const batch = (): RowBatchOf<Buffer> => {
    const full = { rows, last: { token, key: rows.at(-1)!.key } };
    rows = [];
    return full;
  };
  for await (const page of scanPages(store, table, { columns, after, pageSize: scan.batch_size })) {
    for (const each of page) {
      const row = rawRow(columns, each);
      // A batch ends with a row of the token that stands in its position.
      const found = withStatics ? withStaticRow(table, row, partition) : isRow(table, row) ? [row] : [];
      for (const raw of found) {
        if (rows.length === scan.batch_size) yield batch();
        token = String(each['t']);
        rows.push({ key: keyOfRow(table, raw), row: raw });
      }
      partition = partitionText(table, keyOfRow(table, row));
    }
  }
  if (rows.length > 0) yield batch();
}

/** A partition that has static values alone is listed as a row without a clustering key. */
export function isRow(table: Table, row: RawRow<Buffer>): boolean {
  const [first] = table.clusteringKey;
  return first === undefined || row.has(first.name);
}

/** A row, and before the first of its partition the static values as one of their own. */
function withStaticRow(table: Table, row: RawRow<Buffer>, reached: string | undefined): RawRow<Buffer>[] {
  const split = (wanted: (column: ColumnDefinition) => boolean): RawRow<Buffer> =>
    new Map(table.columns.filter((column) => wanted(column) && row.has(column.name)).map(({ name }) => [name, row.get(name)!]));
  const shared = split(({ kind }) => kind === 'partition_key' || kind === 'static');
  const own = split(({ kind }) => kind !== 'static');
  const first = partitionText(table, keyOfRow(table, own)) !== reached;
  return [...(first && shared.size > table.partitionKey.length ? [shared] : []), ...(isRow(table, own) ? [own] : [])];
}

function partitionText(table: Table, key: RowKey): string {
  return JSON.stringify((key as JsonValue[]).slice(0, table.partitionKey.length));
}
