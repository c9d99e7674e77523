import {
  type FieldChange,
  fieldIs,
  type RawRow,
  type RowKey,
  type RowWrite,
  sameRow,
  type WriteOutcome,
} from '@polyshift/adapter-kit';
import type { Table } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { writeAllIf, writeIf } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import { classify, outcomeUnknown } from '../errors.ts';
import type { Store } from '../store.ts';
import { rowCodec } from './codec.ts';
import { columnsUnder, getRow, whereKey } from './get-row.ts';
import { isStaticKey, keyBytes, keyColumns } from './row-key.ts';

/** Times that a write is sent again where its outcome was unknown and nothing was written. */
const attempts = 5;

/**
 * Does one conditional write (LWT). Where the store does not say whether it was done, the row is read by a serial read, which brings an unfinished
 * write to its end: so what it holds tells the outcome.
 */
export async function writeRow(store: Store, table: Table, write: RowWrite<Buffer>): Promise<WriteOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await send(store, table, write)) ? 'written' : 'differs';
    } catch (error) {
      if (!outcomeUnknown(error)) return refused(error);
      const outcome = await outcomeOf(store, table, write);
      if (outcome !== undefined) return outcome;
      if (attempt === attempts) throw error;
    }
  }
}

/** What the store has against one row is an outcome of that row; anything else ends the work. */
function refused(error: unknown): WriteOutcome {
  const { code, retryable } = classify(error);
  if (retryable || !['STATEMENT_FAILED', 'INVALID_SYNTAX'].includes(code)) throw error;
  return { code, message: (error as Error).message };
}

/** What has become of a write; undefined where the row is as it was before. */
async function outcomeOf(store: Store, table: Table, write: RowWrite<Buffer>): Promise<WriteOutcome | undefined> {
  const codec = rowCodec(store);
  const found = await getRow(store, table, write.key, true);
  switch (write.kind) {
    case 'insert':
      return found && (sameRow(codec, found.row, write.row) ? 'written' : 'differs');
    case 'remove':
      if (!found) return 'written';
      return sameRow(codec, found.row, write.row) ? undefined : 'differs';
    case 'change':
      if (!found) return 'differs';
      if (write.fields.every(({ field, after }) => fieldIs(codec, found.row, field, after))) return 'written';
      return write.fields.every(({ field, before }) => fieldIs(codec, found.row, field, before)) ? undefined : 'differs';
  }
}

function send(store: Store, table: Table, write: RowWrite<Buffer>): Promise<boolean> {
  switch (write.kind) {
    case 'insert':
      return insert(store, table, write.key, write.row);
    case 'change':
      return change(store, table, write.key, write.fields);
    case 'remove':
      return remove(store, table, write.key, write.row);
  }
}

/** One statement for all rows of a table: what a row lacks is unset, which writes nothing, not null, which would write a tombstone. */
async function insert(store: Store, table: Table, key: RowKey, row: RawRow<Buffer>): Promise<boolean> {
  const columns = columnsUnder(table, key);
  const cql = `INSERT INTO ${tableName(store.keyspace, table.name)} (${columns.map(({ name }) => quoted(name)).join(', ')}) VALUES (${columns
    .map(() => '?')
    .join(', ')}) IF NOT EXISTS`;
  return (
    await writeIf(
      store,
      cql,
      columns.map(({ name }) => row.get(name)),
    )
  ).applied;
}

async function change(store: Store, table: Table, key: RowKey, fields: readonly FieldChange<Buffer>[]): Promise<boolean> {
  const conditions = fields.map(({ field }) => `${quoted(field)} = ?`);
  const keys = keyBytes(table, key);
  // The conditions hold for a row that is not there, if none of them asks for a value: then another column must witness that it is.
  if (fields.every(({ before }) => before === undefined)) {
    const found = await getRow(store, table, key);
    if (!found) return false;
    if (fields.some(({ field }) => found.row.has(field))) return false;
    const keys = new Set(keyColumns(table).map(({ name }) => name));
    const witness = [...found.row.keys()].find((name) => !keys.has(name));
    if (witness !== undefined) conditions.push(`${quoted(witness)} != null`);
  }
  const where = whereKey(table, key);
  const update = {
    query: `UPDATE ${tableName(store.keyspace, table.name)} SET ${fields.map(({ field }) => `${quoted(field)} = ?`).join(', ')} WHERE ${where} IF ${conditions.join(
      ' AND ',
    )}`,
    params: [...fields.map(({ after }) => after ?? null), ...keys, ...fields.map(({ before }) => before ?? null)],
  };
  if (fields.every(({ after }) => after !== undefined) || isStaticKey(table, key))
    return (await writeIf(store, update.query, update.params)).applied;
  // A row that was written by UPDATE alone is gone with its last value: the key is written too, so that it stays and can get the value back.
  const columns = keyColumns(table).map(({ name }) => quoted(name));
  const mark = {
    query: `INSERT INTO ${tableName(store.keyspace, table.name)} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    params: keys,
  };
  return (await writeAllIf(store, [update, mark])).applied;
}

async function remove(store: Store, table: Table, key: RowKey, row: RawRow<Buffer>): Promise<boolean> {
  const values = columnsUnder(table, key).filter(({ kind }) => kind !== 'partition_key' && kind !== 'clustering');
  const what = isStaticKey(table, key) ? ` ${values.map(({ name }) => quoted(name)).join(', ')}` : '';
  const conditions = values.length === 0 ? 'EXISTS' : values.map(({ name }) => `${quoted(name)} = ?`).join(' AND ');
  const cql = `DELETE${what} FROM ${tableName(store.keyspace, table.name)} WHERE ${whereKey(table, key)} IF ${conditions}`;
  return (await writeIf(store, cql, [...keyBytes(table, key), ...values.map(({ name }) => row.get(name) ?? null)])).applied;
}
