import type { RawRow, RowCodec, RowWrite } from '../row-store.ts';
import { fieldIs, sameRow } from './row-difference.ts';

/**
 * What a row is after a write: for a store that reads it, judges the condition here, and writes, all in one transaction.
 * @param row the row as it is; undefined where there is none
 * @returns the row after the write, undefined where it is deleted; `differs` where the condition of the write does not hold
 */
export function rowAfter<Raw>(
  codec: RowCodec<Raw>,
  row: RawRow<Raw> | undefined,
  write: RowWrite<Raw>,
): RawRow<Raw> | undefined | 'differs' {
  if (write.kind === 'insert') return row ? 'differs' : write.row;
  if (!row) return 'differs';
  if (write.kind === 'remove') return sameRow(codec, row, write.row) ? undefined : 'differs';
  if (write.fields.some(({ field, before }) => !fieldIs(codec, row, field, before))) return 'differs';
  const next = new Map(row);
  for (const { field, after } of write.fields) {
    if (after === undefined) next.delete(field);
    else next.set(field, after);
  }
  return next;
}
