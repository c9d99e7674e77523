import type { PortableType, SinkTarget } from '@polyshift/core';
import type { ColumnDefinition, Table } from './catalog/table.ts';
import { keyColumns } from './rows/row-key.ts';
import { cqlForm } from './source.ts';
import type { scalarNames } from './values/cql-type.ts';

type ScalarName = (typeof scalarNames)[number];

const integers: readonly ScalarName[] = ['tinyint', 'smallint', 'int', 'bigint', 'varint'];
const texts: readonly ScalarName[] = ['ascii', 'text'];

/** Types of CQL that hold different values of a portable type as different ones; of other types two may become one (a time without its microseconds). */
const exact: Partial<Record<PortableType['kind'], readonly ScalarName[]>> = {
  int16: integers,
  int32: integers,
  int64: integers,
  text: texts,
  uuid: ['uuid'],
};

/** Types whose values stand in a list of bound values as their bytes. */
const scalars: readonly ScalarName[] = [
  ...integers,
  ...texts,
  'uuid',
  'timeuuid',
  'blob',
  'boolean',
  'inet',
  'timestamp',
  'date',
  'time',
];

/** Whether keys of a table can be looked for by lists of them. */
export function hasScalarKey(table: Table): boolean {
  return keyColumns(table).every(({ type }) => scalars.includes(type.name as ScalarName));
}

/** Whether rows with different keys in the source have different ones in the table. */
export function keepsKeysApart(target: SinkTarget, table: Table): boolean {
  return keyColumns(table).every((column) => keepsApart(target, column));
}

function keepsApart({ columns }: SinkTarget, { name, type }: ColumnDefinition): boolean {
  const source = columns.find((column) => column.name === name);
  if (!source) return false;
  if (source.form === cqlForm && source.native === type.text) return true;
  return exact[source.type.kind]?.includes(type.name as ScalarName) ?? false;
}
