import type { KeyedRow, RowKey } from '@polyshift/adapter-kit';
import { type ColumnDefinition, rowColumns, type Table } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { read } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import type { Store } from '../store.ts';
import { isStaticKey, keyBytes, keyColumns } from './row-key.ts';
import { rawRow, selectList } from './select.ts';

/** The row with a key; with `serial`, as the last conditional write has left it, finished or not known to be. Undefined where there is none. */
export async function getRow(store: Store, table: Table, key: RowKey, serial = false): Promise<KeyedRow<Buffer> | undefined> {
  const columns = columnsUnder(table, key);
  const distinct = isStaticKey(table, key) ? 'DISTINCT ' : '';
  const cql = `SELECT ${distinct}${selectList(columns)} FROM ${tableName(store.keyspace, table.name)} WHERE ${whereKey(table, key)}`;
  const [row] = await read(store, cql, keyBytes(table, key), { serial });
  if (!row) return undefined;
  const raw = rawRow(columns, row);
  return isStaticKey(table, key) && raw.size === table.partitionKey.length ? undefined : { key, row: raw };
}

/** The columns that belong to a row, or to the static values of a partition. */
export function columnsUnder(table: Table, key: RowKey): readonly ColumnDefinition[] {
  return isStaticKey(table, key)
    ? table.columns.filter(({ kind }) => kind === 'partition_key' || kind === 'static')
    : rowColumns(table);
}

/** The condition of a statement that a key meets, its parts bound in order. */
export function whereKey(table: Table, key: RowKey): string {
  return (isStaticKey(table, key) ? table.partitionKey : keyColumns(table))
    .map(({ name }) => `${quoted(name)} = ?`)
    .join(' AND ');
}
