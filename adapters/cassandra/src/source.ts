import {
  type Column,
  type JsonValue,
  type Partition,
  PolyshiftError,
  type ReadOptions,
  type RowBatch,
  type Source,
  type SourceBatch,
  type SourceQuery,
  type SourceScan,
} from '@polyshift/core';
import { type ColumnDefinition, columnOf, keyNames, openTable, type Table } from './catalog/table.ts';
import { type RowConditions, refuseUnknown, rowConditions } from './conditions.ts';
import { countRows } from './count.ts';
import { documentOf } from './rows/codec.ts';
import { keyColumns, keyOfRow } from './rows/row-key.ts';
import { isRow } from './rows/row-store.ts';
import { type ScanPosition, scanPages } from './rows/scan.ts';
import { rawRow } from './rows/select.ts';
import { splitRing, type TokenRange } from './rows/token-range.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';
import type { CqlType } from './values/cql-type.ts';
import { fromBytes } from './values/from-bytes.ts';
import { portableOf } from './values/portable-of.ts';

/** The form of Cassandra's values in batches: the bytes of the column's type. */
export const cqlForm = 'cql';

/** Reads tables and materialized views, by ranges of tokens. */
export function cassandraSource(store: Store): Source {
  return translateErrors({ scan: (query: SourceQuery) => openScan(store, query) }, 'source');
}

async function openScan(store: Store, query: SourceQuery): Promise<SourceScan> {
  const table = await openTable(store, query.collection);
  const key = keyNames(table);
  if (query.key && [...query.key].sort().join('\0') !== [...key].sort().join('\0')) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${query.collection} is read by its key ${key.join(', ')}, not by ${query.key.join(', ')}`,
      {
        hint: 'Leave the key out: no other order of a table can be gone on in.',
      },
    );
  }
  for (const field of query.fields ?? []) refuseUnknown(table, field);
  const conditions = rowConditions(table, query.conditions);
  const wanted = query.fields ? query.fields.map((name) => columnOf(table, name)!) : table.columns;
  const columns = wanted.map(batchColumn);
  const scan: SourceScan = {
    description: { columns, dynamic: false, key, approximate_count: undefined },
    count: () => countRows(store, table, conditions),
    partitions: async (want: number): Promise<Partition[]> =>
      splitRing(want).map((bounds, id) => ({ id, bounds: { ...bounds } })),
    read: (partition: Partition, options: ReadOptions) =>
      readRange(store, table, { wanted, columns, conditions }, partition, options),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return translateErrors(scan, `reading ${query.collection}`);
}

/** What a scan gives of each row. */
interface Selection {
  readonly wanted: readonly ColumnDefinition[];
  readonly columns: readonly Column[];
  readonly conditions: RowConditions;
}

async function* readRange(
  store: Store,
  table: Table,
  { wanted, columns, conditions }: Selection,
  partition: Partition,
  options: ReadOptions,
): AsyncGenerator<SourceBatch> {
  const needed = table.columns.filter(
    (column) => wanted.includes(column) || keyColumns(table).includes(column) || conditions.fields.includes(column.name),
  );
  const range = partition.bounds as unknown as TokenRange;
  const after = (options.after ?? undefined) as ScanPosition | undefined;
  let rows: (Buffer | null)[][] = [];
  let last: JsonValue = null;
  const batch = (): SourceBatch => {
    const full: RowBatch = { kind: 'rows', columns, rows };
    rows = [];
    return { batch: full, last_key: last };
  };
  for await (const page of scanPages(store, table, { columns: needed, range, after, pageSize: options.batch_size })) {
    options.signal?.throwIfAborted();
    for (const each of page) {
      const raw = rawRow(needed, each);
      if (!isRow(table, raw)) continue;
      if (conditions.fields.length > 0 && !conditions.holds(documentOf(table, raw))) continue;
      if (rows.length === options.batch_size) yield batch();
      rows.push(wanted.map(({ name }) => raw.get(name) ?? null));
      last = { token: String(each['t']), key: keyOfRow(table, raw) };
    }
  }
  if (rows.length > 0) yield batch();
}

/** A column as batches have it. */
export function batchColumn({ name, type, kind }: { name: string; type: CqlType; kind: ColumnDefinition['kind'] }): Column {
  return {
    name,
    type: portableOf(type),
    native: type.text,
    nullable: kind === 'regular' || kind === 'static',
    form: cqlForm,
    decode: (raw) => fromBytes(type, raw as Buffer),
  };
}
