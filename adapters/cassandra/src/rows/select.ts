import type { RawRow } from '@polyshift/adapter-kit';
import type { ColumnDefinition, Table } from '../catalog/table.ts';
import type { DriverRow } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import { bytesFromDriver } from '../values/from-driver.ts';

/**
 * The columns of a SELECT under names that no column of a user can get in the way of: `c0`, `c1`. Scalars are read as their bytes, by the store's own
 * functions, so that nothing is decoded that nobody asks for, and nothing lost that the driver has no form for.
 */
export function selectList(columns: readonly ColumnDefinition[]): string {
  return columns.map((column, index) => `${asBytes(column)} AS c${index}`).join(', ');
}

function asBytes({ name, type }: ColumnDefinition): string {
  return readsBytes(type.name) ? `${type.name}AsBlob(${quoted(name)})` : quoted(name);
}

function readsBytes(typeName: string): boolean {
  return !['blob', 'list', 'set', 'map', 'tuple', 'udt', 'vector', 'custom'].includes(typeName);
}

/** The token of the partition key, for SELECT (as `t`) and conditions. */
export function tokenOf(table: Table): string {
  return `token(${table.partitionKey.map(({ name }) => quoted(name)).join(', ')})`;
}

/** A row that was selected by {@link selectList}; null is no field. */
export function rawRow(columns: readonly ColumnDefinition[], row: DriverRow): RawRow<Buffer> {
  const raw = new Map<string, Buffer>();
  for (const [index, column] of columns.entries()) {
    const value = cell(column, row[`c${index}`]);
    if (value !== null) raw.set(column.name, value);
  }
  return raw;
}

/** The bytes of one value of a row; null where there is none. */
export function cell({ type }: ColumnDefinition, value: unknown): Buffer | null {
  if (value === null || value === undefined) return null;
  return Buffer.isBuffer(value) ? value : bytesFromDriver(type, value);
}
