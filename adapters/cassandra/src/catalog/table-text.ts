import type { JsonObject, JsonValue } from '@polyshift/core';
import { quoted } from '../cql/identifier.ts';
import { parseCqlType, type UdtLookup } from '../values/cql-type.ts';
import { optionsText, type TableOptions } from './options.ts';
import type { ColumnDefinition, Table } from './table.ts';

/** The name of a table in a statement: quoted, in its keyspace. */
export function tableName(keyspace: string, name: string): string {
  return `${quoted(keyspace)}.${quoted(name)}`;
}

/** The statement that creates a table as it is described, under any name; indexes and views are statements of their own. */
export function createTableText(keyspace: string, name: string, table: Pick<Table, 'columns' | 'options'>): string {
  const columns = table.columns.map(
    (column) => `${quoted(column.name)} ${column.type.text}${column.kind === 'static' ? ' STATIC' : ''}`,
  );
  return `CREATE TABLE IF NOT EXISTS ${tableName(keyspace, name)} (${columns.join(', ')}, PRIMARY KEY (${primaryKey(table.columns)}))${withText(table)}`;
}

/** The statement that inserts a row, with `?` for each of the columns. */
export function insertText(keyspace: string, table: string, columns: readonly { readonly name: string }[]): string {
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  return `INSERT INTO ${tableName(keyspace, table)} (${names}) VALUES (${columns.map(() => '?').join(', ')})`;
}

/** The statement that creates a materialized view as it is described. */
export function createViewText(keyspace: string, view: Table): string {
  const { base, where, allColumns } = view.view!;
  const chosen = allColumns ? '*' : view.columns.map(({ name }) => quoted(name)).join(', ');
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${tableName(keyspace, view.name)} AS SELECT ${chosen} FROM ${tableName(keyspace, base)} WHERE ${where} PRIMARY KEY (${primaryKey(view.columns)})${withText(view)}`;
}

function primaryKey(columns: readonly ColumnDefinition[]): string {
  const names = (kind: ColumnDefinition['kind']) =>
    columns.filter((column) => column.kind === kind).map(({ name }) => quoted(name));
  return [`(${names('partition_key').join(', ')})`, ...names('clustering')].join(', ');
}

function withText({ columns, options }: Pick<Table, 'columns' | 'options'>): string {
  const clustering = columns.filter(({ kind }) => kind === 'clustering');
  const order = clustering.some(({ descending }) => descending)
    ? [
        `CLUSTERING ORDER BY (${clustering.map(({ name, descending }) => `${quoted(name)} ${descending ? 'DESC' : 'ASC'}`).join(', ')})`,
      ]
    : [];
  const parts = [...order, ...(Object.keys(options).length > 0 ? [optionsText(options)] : [])];
  return parts.length > 0 ? ` WITH ${parts.join(' AND ')}` : '';
}

/** A table without its indexes as JSON, for undo records. */
export function tableJson(table: Table): JsonObject {
  return {
    name: table.name,
    columns: table.columns.map(({ name, type, kind, descending }) => ({ name, type: type.text, kind, descending })),
    options: table.options as Record<string, JsonValue>,
    view: table.view ? { ...table.view } : null,
  };
}

/** The way back from {@link tableJson}. */
export function tableFromJson(json: JsonObject, udts: UdtLookup): Table {
  const columns = (json['columns'] as unknown as (Omit<ColumnDefinition, 'type'> & { type: string })[]).map((column) => ({
    ...column,
    type: parseCqlType(column.type, udts),
  }));
  return {
    name: json['name'] as string,
    columns,
    partitionKey: columns.filter(({ kind }) => kind === 'partition_key'),
    clusteringKey: columns.filter(({ kind }) => kind === 'clustering'),
    options: json['options'] as TableOptions,
    indexes: [],
    ...(json['view'] === null ? {} : { view: json['view'] as unknown as NonNullable<Table['view']> }),
  };
}
