import { type JsonObject, type JsonValue, PolyshiftError } from '@polyshift/core';
import type { TableOptions } from './catalog/options.ts';
import type { ColumnDefinition, Table } from './catalog/table.ts';
import type { CqlType } from './values/cql-type.ts';

/** A column of a table that is still to be created. */
export interface NewColumn {
  readonly name: string;
  readonly type: CqlType;
  readonly isStatic?: boolean;
}

/** How a table is laid out, as options of a new table say: `partition_key`, `clustering_order` and `static` beside the options of the store. */
export interface Layout {
  readonly partitionKey: readonly string[] | undefined;
  readonly clusteringOrder: Readonly<Record<string, JsonValue>>;
  readonly statics: readonly string[];
  readonly options: TableOptions;
}

/** Reads the layout out of options. Throws INVALID_DOCUMENT where one has another form. */
export function layoutOf(options: JsonObject | undefined, path: string): Layout {
  const { partition_key, clustering_order, static: statics, ...rest } = options ?? {};
  return {
    partitionKey: partition_key === undefined ? undefined : names(partition_key, `${path}.partition_key`),
    clusteringOrder: (clustering_order ?? {}) as JsonObject,
    statics: statics === undefined ? [] : names(statics, `${path}.static`),
    options: rest,
  };
}

function names(value: JsonValue, path: string): string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')) return value as string[];
  throw new PolyshiftError('INVALID_DOCUMENT', `${path} is a list of columns`, { place: { path } });
}

/**
 * A new table. Its key begins with the partition key: the first field of the key where the layout does not say, as in `PRIMARY KEY (a, b)` of CQL;
 * the rest is the clustering key. Throws INVALID_DOCUMENT where the parts do not fit together.
 */
export function newTable(name: string, columns: readonly NewColumn[], key: readonly string[], layout: Layout): Table {
  const partition = layout.partitionKey ?? key.slice(0, 1);
  const clustering = key.filter((field) => !partition.includes(field));
  const problem = keyProblem(columns, key, partition, layout);
  if (problem) throw new PolyshiftError('INVALID_DOCUMENT', `${name}: ${problem}`);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const definition = (field: string, kind: ColumnDefinition['kind']): ColumnDefinition => ({
    name: field,
    type: frozenKey(byName.get(field)!.type, kind),
    kind,
    descending: kind === 'clustering' && [-1, 'desc', 'DESC'].includes(layout.clusteringOrder[field] as never),
  });
  const partitionKey = partition.map((field) => definition(field, 'partition_key'));
  const clusteringKey = clustering.map((field) => definition(field, 'clustering'));
  const rest = columns
    .filter((column) => !key.includes(column.name) && !partition.includes(column.name))
    .map((column) => definition(column.name, column.isStatic || layout.statics.includes(column.name) ? 'static' : 'regular'));
  return {
    name,
    columns: [...partitionKey, ...clusteringKey, ...rest],
    partitionKey,
    clusteringKey,
    options: layout.options,
    indexes: [],
  };
}

function keyProblem(
  columns: readonly NewColumn[],
  key: readonly string[],
  partition: readonly string[],
  layout: Layout,
): string | undefined {
  if (key.length === 0) return 'a table of Cassandra needs a key';
  const known = new Set(columns.map((column) => column.name));
  const missing = [...key, ...partition, ...layout.statics].find((field) => !known.has(field));
  if (missing !== undefined) return `the key names ${missing}, which is no column of it`;
  const beyond = partition.find((field) => !key.includes(field));
  if (beyond !== undefined) return `the partition key names ${beyond}, which is not in the key ${key.join(', ')}`;
  const doubled = columns.map((column) => column.name).find((field, index, all) => all.indexOf(field) !== index);
  if (doubled !== undefined) return `the column ${doubled} stands twice`;
  if (layout.statics.length > 0 && partition.length === key.length) return 'static columns need a clustering key';
  return undefined;
}

/** What is part of a key must be one cell. */
function frozenKey(type: CqlType, kind: ColumnDefinition['kind']): CqlType {
  if (type.frozen || kind === 'regular' || kind === 'static') return type;
  return { ...type, frozen: true, text: `frozen<${type.text}>` };
}
