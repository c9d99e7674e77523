import type { RejectedRow, SinkTarget, WriteResult } from '@polyshift/core';
import { isFailure } from '../change/contention.ts';
import { keyText } from '../change/key-text.ts';
import { rowDifference } from '../change/row-difference.ts';
import type { KeyedRow, RawRow, RowStore, RowWrite } from '../row-store.ts';
import { isBefore, isWritten, readRecord, recordEntry } from './load-record.ts';
import { duplicate } from './write-fresh.ts';

/** One row of the batch, and what is there of it. */
interface Incoming<Raw> {
  readonly index: number;
  readonly keyed: KeyedRow<Raw>;
  readonly existing: RawRow<Raw> | undefined;
}

/**
 * Writes into a target that had rows before. What rollback needs is durable before each write: the key of what is inserted, the whole
 * row that is replaced.
 */
export async function writeFilled<Raw>(
  store: RowStore<Raw>,
  target: SinkTarget,
  aside: string,
  rows: readonly KeyedRow<Raw>[],
  replay: boolean,
): Promise<WriteResult> {
  const { codec } = store;
  const keys = rows.map(({ key }) => key);
  const [existing, recorded] = await Promise.all([store.get(target.collection, keys), store.aside.get(aside, keys.map(keyText))]);
  const there = new Map(existing.map((each) => [keyText(each.key), each.row]));
  const seen = new Set<string>();
  const rejected: RejectedRow[] = [];
  const writes: Incoming<Raw>[] = [];
  let already_there = 0;
  for (const [index, keyed] of rows.entries()) {
    const text = keyText(keyed.key);
    const row: Incoming<Raw> = { index, keyed, existing: there.get(text) };
    const value = recorded.get(text);
    if (seen.has(text)) rejected.push(duplicate(keyed, index, 'the same key stands twice in the rows of this load'));
    else if (value !== undefined && !replay)
      rejected.push(duplicate(keyed, index, 'this load has already written a row with this key'));
    else if (value !== undefined && row.existing) {
      // Recorded by an earlier attempt: written then, or not yet where the old row is still there.
      const record = readRecord(codec, value);
      if (!isWritten(codec, record, row.existing) && isBefore(codec, record, row.existing)) writes.push(row);
      else already_there++;
    } else if (!row.existing || target.mode === 'upsert') writes.push(row);
    else if (target.mode === 'ignore') already_there++;
    else rejected.push(duplicate(keyed, index, `${target.collection} has a row with this key`));
    seen.add(text);
  }
  if (writes.length === 0) return { inserted: 0, replaced: 0, already_there, rejected };
  // Kept as it was at the first attempt.
  await store.aside.put(
    aside,
    writes.map(({ keyed, existing: before }) => recordEntry(codec, keyed.key, keyed.row, before)),
    'keep',
  );
  // A row that is as it should be is replaced by nothing: stores refuse a change of no field.
  const made = writes.map((row) => ({ row, write: writeOf(store, row) }));
  const changing = made.filter(({ write }) => write.kind !== 'change' || write.fields.length > 0);
  const outcomes =
    changing.length === 0
      ? []
      : await store.write(
          target.collection,
          changing.map(({ write }) => write),
        );
  let inserted = 0;
  let replaced = made.length - changing.length;
  const unwritten: string[] = [];
  for (const [position, outcome] of outcomes.entries()) {
    const { index, keyed, existing: before } = changing[position]!.row;
    if (outcome === 'written') before ? replaced++ : inserted++;
    else {
      // What was not written was not written by this load: its record goes, or rollback would take somebody else's row.
      unwritten.push(keyText(keyed.key));
      if (isFailure(outcome)) rejected.push({ index, key: keyed.key, ...outcome });
      else if (before)
        rejected.push({ index, key: keyed.key, code: 'STORE_BUSY', message: 'the application writes this row at the same time' });
      else rejected.push(duplicate(keyed, index, `${target.collection} has a row with this key`));
    }
  }
  if (unwritten.length > 0) await store.aside.delete(aside, unwritten);
  return { inserted, replaced, already_there, rejected: rejected.sort((left, right) => left.index - right.index) };
}

function writeOf<Raw>({ codec }: RowStore<Raw>, { keyed: { key, row }, existing }: Incoming<Raw>): RowWrite<Raw> {
  if (!existing) return { kind: 'insert', key, row };
  return { kind: 'change', key, fields: rowDifference(codec, existing, row) };
}
