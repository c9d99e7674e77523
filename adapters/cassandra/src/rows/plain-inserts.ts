import { groupsWithin, type KeyedRow, keyText, type WriteOutcome } from '@polyshift/adapter-kit';
import { pause } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import { insertText, tableName } from '../catalog/table-text.ts';
import { type Bound, inParallel, read, writeUnlogged } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import { classify } from '../errors.ts';
import type { Store } from '../store.ts';
import { keyColumns, keyOfRow, partitionBytes } from './row-key.ts';
import { rawRow, selectList } from './select.ts';
import { writeRows } from './write-rows.ts';
import type { Statement } from './write-statements.ts';

/** Keys that are looked for by one statement, and groups of them that are dealt with at once. */
const keysInGroup = 100;
const width = 24;

/** Rows and bytes of values in one batch, at most: from 10 partitions and 5 KiB on a server warns of each, by its defaults. */
const mostTogether = { items: 10, size: 4000 };

/** Times that a batch is sent where it is not known whether it was done; sent again it does nothing that it has not done. */
const attempts = 5;

/** A row by its position among those to be inserted. */
interface Placed {
  readonly position: number;
  readonly row: KeyedRow<Buffer>;
}

/**
 * Inserts rows without conditions, whose consensus costs five times as much: looks for the keys of a group, and writes those that are free by unlogged batches for
 * one node each. All is written as of one time (microseconds), so that whatever the application writes from then on stays, before it or behind it.
 * Only for rows whose keys nobody else inserts at the same time. Outcomes by position, as of `RowStore.write`.
 */
export async function insertPlainly(
  store: Store,
  table: Table,
  rows: readonly KeyedRow<Buffer>[],
  time: number,
): Promise<WriteOutcome[]> {
  const outcomes = new Array<WriteOutcome>(rows.length);
  await inParallel(
    groupsOf(store, table, rows),
    async (group) => {
      for (const [index, outcome] of (await insertGroup(store, table, group, time)).entries())
        outcomes[group[index]!.position] = outcome;
    },
    width,
  );
  return outcomes;
}

async function insertGroup(store: Store, table: Table, group: readonly Placed[], time: number): Promise<WriteOutcome[]> {
  const outcomes = new Map<Placed, WriteOutcome>();
  try {
    const taken = await takenKeys(store, table, group);
    for (const placed of group) if (taken.has(keyText(placed.row.key))) outcomes.set(placed, 'differs');
  } catch (error) {
    if (!isRefused(error)) throw error;
    // A key that the store does not take: which one, and why, their own writes say.
    return writeRows(
      store,
      table,
      group.map(({ row }) => ({ kind: 'insert', ...row })),
    );
  }
  const free = group.filter((placed) => !outcomes.has(placed));
  for (const batch of groupsWithin(free, bytesOf, mostTogether)) {
    const written = await writeBatch(store, table, batch, time);
    for (const [index, placed] of batch.entries()) outcomes.set(placed, written[index]!);
  }
  return group.map((placed) => outcomes.get(placed)!);
}

/** Rows of one node each, whose keys differ in the last part alone: one statement can look for all of them. */
function groupsOf(store: Store, table: Table, rows: readonly KeyedRow<Buffer>[]): Placed[][] {
  const shared = keyColumns(table).slice(0, -1);
  const open = new Map<string, Placed[]>();
  const groups: Placed[][] = [];
  for (const [position, row] of rows.entries()) {
    const node = nodeOf(store, table, row);
    const name = `${node}\0${shared.map((column) => row.row.get(column.name)!.toString('latin1')).join('\0')}`;
    const known = open.get(name);
    if (known && known.length < keysInGroup) known.push({ position, row });
    else {
      const group = [{ position, row }];
      open.set(name, group);
      groups.push(group);
    }
  }
  return groups;
}

/** The address of the first replica of a row; the same for all where there is one node. */
function nodeOf({ client, keyspace }: Store, { partitionKey }: Table, { row }: KeyedRow<Buffer>): string {
  if (client.hosts.length < 2) return '';
  const parts = partitionKey.map(({ name }) => row.get(name)!);
  return client.getReplicas(keyspace, partitionBytes(parts))?.[0]?.address ?? '';
}

/** The keys of a group that have rows, as texts. */
async function takenKeys(store: Store, table: Table, group: readonly Placed[]): Promise<ReadonlySet<string>> {
  const key = keyColumns(table);
  const shared = key.slice(0, -1);
  const last = key.at(-1)!;
  const where = [...shared.map(({ name }) => `${quoted(name)} = ?`), `${quoted(last.name)} IN ?`].join(' AND ');
  const first = group[0]!.row.row;
  const found = await read(store, `SELECT ${selectList(key)} FROM ${tableName(store.keyspace, table.name)} WHERE ${where}`, [
    ...shared.map(({ name }): Bound => first.get(name)),
    group.map(({ row }) => row.row.get(last.name)!),
  ]);
  return new Set(found.map((row) => keyText(keyOfRow(table, rawRow(key, row)))));
}

function bytesOf({ row }: Placed): number {
  let bytes = 0;
  for (const value of row.row.values()) bytes += value.length;
  return bytes;
}

/** Writes a batch; where the store has something against it, row by row, so that its neighbours are written. */
async function writeBatch(store: Store, table: Table, batch: readonly Placed[], time: number): Promise<WriteOutcome[]> {
  const columns = table.columns.filter(({ kind }) => kind !== 'static');
  const query = insertText(store.keyspace, table.name, columns);
  // What a row lacks is unset, which writes nothing, not null, which would write a tombstone.
  const statements = batch.map(({ row }): Statement => ({ query, params: columns.map(({ name }) => row.row.get(name)) }));
  try {
    await untilDone(() => writeUnlogged(store, statements, time));
    return batch.map(() => 'written');
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (batch.length === 1) return [{ code: classify(error).code, message: (error as Error).message }];
    const outcomes: WriteOutcome[] = [];
    for (const placed of batch) outcomes.push(...(await writeBatch(store, table, [placed], time)));
    return outcomes;
  }
}

/** Whether the store has something against what was sent to it; anything else ends the work. */
function isRefused(error: unknown): boolean {
  const { code, retryable } = classify(error);
  return !retryable && ['STATEMENT_FAILED', 'INVALID_SYNTAX'].includes(code);
}

async function untilDone(send: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (attempt === attempts || classify(error).code !== 'STORE_BUSY') throw error;
      await pause(50 * 2 ** attempt);
    }
  }
}
