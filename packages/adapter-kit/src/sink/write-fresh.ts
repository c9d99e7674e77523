import type { RejectedRow, WriteResult } from '@polyshift/core';
import { isFailure } from '../change/contention.ts';
import { keyText } from '../change/key-text.ts';
import type { KeyedRow } from '../row-store.ts';
import type { InsertRows } from './sink-store.ts';

/** Writes into a target that this load has made or found empty: a key that is there already was written by this load. */
export async function writeFresh<Raw>(
  insert: InsertRows<Raw>,
  rows: readonly KeyedRow<Raw>[],
  replay: boolean,
): Promise<WriteResult> {
  const rejected: RejectedRow[] = [];
  const seen = new Set<string>();
  const first: { row: KeyedRow<Raw>; index: number }[] = [];
  for (const [index, row] of rows.entries()) {
    const text = keyText(row.key);
    // A key that stands twice in one batch: the store must not be asked for both at once.
    if (seen.has(text)) rejected.push(duplicate(row, index, 'the same key stands twice in the rows of this load'));
    else first.push({ row, index });
    seen.add(text);
  }
  const outcomes = await insert(first.map(({ row }) => row));
  let inserted = 0;
  let already_there = 0;
  for (const [position, outcome] of outcomes.entries()) {
    const { row, index } = first[position]!;
    if (outcome === 'written') inserted++;
    else if (isFailure(outcome)) rejected.push({ index, key: row.key, ...outcome });
    // Equal, or changed by the application since it was loaded: that write stays.
    else if (replay) already_there++;
    else rejected.push(duplicate(row, index, 'this load has already written a row with this key'));
  }
  return { inserted, replaced: 0, already_there, rejected: rejected.sort((left, right) => left.index - right.index) };
}

/** A row that is rejected because its key is taken. */
export function duplicate<Raw>({ key }: KeyedRow<Raw>, index: number, message: string): RejectedRow {
  return { index, key, code: 'DUPLICATE_KEY', message };
}
