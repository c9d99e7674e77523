import { PolyshiftError } from '@polyshift/core';
import { type DriverRow, read } from '../cql/execute.ts';
import type { Store } from '../store.ts';
import { type CqlType, parseCqlType, type UdtLookup } from '../values/cql-type.ts';
import { type IndexDefinition, indexesOf } from './index-definition.ts';
import { optionsOf, type TableOptions } from './options.ts';
import { udtLookup } from './udts.ts';

/** A column of a table or view. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: CqlType;
  readonly kind: 'partition_key' | 'clustering' | 'static' | 'regular';
  /** Of a clustering column. */
  readonly descending: boolean;
}

/** A table or materialized view as the store describes it. */
export interface Table {
  readonly name: string;
  /** Partition key, clustering key, then the rest by name: static and regular. */
  readonly columns: readonly ColumnDefinition[];
  readonly partitionKey: readonly ColumnDefinition[];
  readonly clusteringKey: readonly ColumnDefinition[];
  readonly options: TableOptions;
  readonly indexes: readonly IndexDefinition[];
  /** Of a materialized view: what it is made of. */
  readonly view?: { readonly base: string; readonly where: string; readonly allColumns: boolean };
}

/** Names of the columns of the whole key. */
export function keyNames(table: Table): string[] {
  return [...table.partitionKey, ...table.clusteringKey].map(({ name }) => name);
}

/** The columns that a row has of its own: all but the static ones, which belong to the partition. */
export function rowColumns(table: Table): readonly ColumnDefinition[] {
  return table.columns.filter(({ kind }) => kind !== 'static');
}

/** A column by name. */
export function columnOf(table: Table, name: string): ColumnDefinition | undefined {
  return table.columns.find((column) => column.name === name);
}

/** Reads the definitions of the named tables and views, or of all; names that do not exist are left out. */
export async function describeTables(store: Store, names?: readonly string[]): Promise<Table[]> {
  if (names?.length === 0) return [];
  const chosen = names ? ` AND table_name IN ?` : '';
  const chosenViews = names ? ` AND view_name IN ?` : '';
  const values = names ? [store.keyspace, [...names]] : [store.keyspace];
  const [tables, views, columns, indexes, udts] = await Promise.all([
    read(store, `SELECT * FROM system_schema.tables WHERE keyspace_name = ?${chosen}`, values),
    read(store, `SELECT * FROM system_schema.views WHERE keyspace_name = ?${chosenViews}`, values),
    read(store, `SELECT * FROM system_schema.columns WHERE keyspace_name = ?${chosen}`, values),
    read(store, `SELECT * FROM system_schema.indexes WHERE keyspace_name = ?${chosen}`, values),
    udtLookup(store),
  ]);
  const columnsOf = byTable(columns);
  const indexRows = byTable(indexes);
  return [...tables, ...views].map((row) => {
    const name = String(row['table_name'] ?? row['view_name']);
    const ordered = columnsInOrder(columnsOf.get(name) ?? [], udts);
    return {
      name,
      columns: ordered,
      partitionKey: ordered.filter(({ kind }) => kind === 'partition_key'),
      clusteringKey: ordered.filter(({ kind }) => kind === 'clustering'),
      options: optionsOf(row),
      indexes: indexesOf(indexRows.get(name) ?? []),
      ...(row['base_table_name'] === undefined
        ? {}
        : {
            view: {
              base: String(row['base_table_name']),
              where: String(row['where_clause']),
              allColumns: Boolean(row['include_all_columns']),
            },
          }),
    };
  });
}

function byTable(rows: readonly DriverRow[]): Map<string, DriverRow[]> {
  const groups = new Map<string, DriverRow[]>();
  for (const row of rows) {
    const name = String(row['table_name']);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

function columnsInOrder(rows: readonly Record<string, unknown>[], udts: UdtLookup): ColumnDefinition[] {
  const rank = { partition_key: 0, clustering: 1, static: 2, regular: 3 } as const;
  return rows
    .map((row) => ({
      position: Number(row['position']),
      column: {
        name: String(row['column_name']),
        type: parseCqlType(String(row['type']), udts),
        kind: row['kind'] as ColumnDefinition['kind'],
        descending: row['clustering_order'] === 'desc',
      },
    }))
    .sort(
      (left, right) =>
        rank[left.column.kind] - rank[right.column.kind] ||
        left.position - right.position ||
        (left.column.name < right.column.name ? -1 : 1),
    )
    .map(({ column }) => column);
}

/** Describes a table or view as it is now, and keeps it for codecs; undefined where it does not exist. */
export async function findTable(store: Store, name: string): Promise<Table | undefined> {
  const [table] = await describeTables(store, [name]);
  if (table) store.tables.set(name, table);
  else store.tables.delete(name);
  return table;
}

/** The same, where it must exist. Throws UNKNOWN_COLLECTION. */
export async function openTable(store: Store, name: string): Promise<Table> {
  const table = await findTable(store, name);
  if (!table) throw new PolyshiftError('UNKNOWN_COLLECTION', `there is no table ${name} in the keyspace ${store.keyspace}`);
  return table;
}

/** A table that was opened before. */
export function openedTable(store: Store, name: string): Table {
  const table = store.tables.get(name);
  if (!table) throw new PolyshiftError('INTERNAL', `the table ${name} was not opened before its rows are used`);
  return table;
}
