import type { FieldChange, RawRow, RowKey, RowWrite } from '@polyshift/adapter-kit';
import type { Table } from '../catalog/table.ts';
import { insertText, tableName } from '../catalog/table-text.ts';
import type { Bound } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import type { Store } from '../store.ts';
import { columnsUnder, getRow, whereKey } from './get-row.ts';
import { isStaticKey, keyBytes, keyColumns } from './row-key.ts';

/** One statement with what is bound. */
export interface Statement {
  readonly query: string;
  readonly params: readonly Bound[];
}

/** The statements of a write, whose conditions hold for all of them or none; undefined where it is known already that they do not. */
export async function writeStatements(store: Store, table: Table, write: RowWrite<Buffer>): Promise<Statement[] | undefined> {
  switch (write.kind) {
    case 'insert':
      return [insertStatement(store, table, write.key, write.row)];
    case 'change':
      return changeStatements(store, table, write.key, write.fields);
    case 'remove':
      return [removeStatement(store, table, write.key, write.row)];
  }
}

/** One statement for all rows of a table: what a row lacks is unset, which writes nothing, not null, which would write a tombstone. */
function insertStatement(store: Store, table: Table, key: RowKey, row: RawRow<Buffer>): Statement {
  const columns = columnsUnder(table, key);
  const query = `${insertText(store.keyspace, table.name, columns)} IF NOT EXISTS`;
  return { query, params: columns.map(({ name }) => row.get(name)) };
}

async function changeStatements(
  store: Store,
  table: Table,
  key: RowKey,
  fields: readonly FieldChange<Buffer>[],
): Promise<Statement[] | undefined> {
  const conditions = fields.map(({ field }) => `${quoted(field)} = ?`);
  const keys = keyBytes(table, key);
  // The conditions hold for a row that is not there, if none of them asks for a value: then another column must witness that it is.
  if (fields.every(({ before }) => before === undefined)) {
    const found = await getRow(store, table, key);
    if (!found || fields.some(({ field }) => found.row.has(field))) return undefined;
    const keyNames = new Set(keyColumns(table).map(({ name }) => name));
    const witness = [...found.row.keys()].find((name) => !keyNames.has(name));
    if (witness !== undefined) conditions.push(`${quoted(witness)} != null`);
  }
  const assignments = fields.map(({ field }) => `${quoted(field)} = ?`).join(', ');
  const update: Statement = {
    query: `UPDATE ${tableName(store.keyspace, table.name)} SET ${assignments} WHERE ${whereKey(table, key)} IF ${conditions.join(' AND ')}`,
    params: [...fields.map(({ after }) => after ?? null), ...keys, ...fields.map(({ before }) => before ?? null)],
  };
  if (fields.every(({ after }) => after !== undefined) || isStaticKey(table, key)) return [update];
  // A row that was written by UPDATE alone is gone with its last value: the key is written too, so that it stays and can get the value back.
  return [update, { query: insertText(store.keyspace, table.name, keyColumns(table)), params: keys }];
}

function removeStatement(store: Store, table: Table, key: RowKey, row: RawRow<Buffer>): Statement {
  const values = columnsUnder(table, key).filter(({ kind }) => kind !== 'partition_key' && kind !== 'clustering');
  const what = isStaticKey(table, key) ? ` ${values.map(({ name }) => quoted(name)).join(', ')}` : '';
  const conditions = values.length === 0 ? 'EXISTS' : values.map(({ name }) => `${quoted(name)} = ?`).join(' AND ');
  return {
    query: `DELETE${what} FROM ${tableName(store.keyspace, table.name)} WHERE ${whereKey(table, key)} IF ${conditions}`,
    params: [...keyBytes(table, key), ...values.map(({ name }) => row.get(name) ?? null)],
  };
}
