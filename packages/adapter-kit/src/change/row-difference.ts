import type { FieldChange, RawRow, RowCodec } from '../row-store.ts';

/** The fields in which two forms of a row differ, in the order of the first, then of the second. */
export function rowDifference<Raw>(codec: RowCodec<Raw>, before: RawRow<Raw>, after: RawRow<Raw>): FieldChange<Raw>[] {
  const changes: FieldChange<Raw>[] = [];
  for (const [field, raw] of before) {
    const other = after.get(field);
    if (other === undefined || !codec.equal(raw, other)) changes.push({ field, before: raw, after: other });
  }
  for (const [field, raw] of after) if (!before.has(field)) changes.push({ field, before: undefined, after: raw });
  return changes;
}

/** Whether a field of a row is as given; undefined is a field that is not there. */
export function fieldIs<Raw>(codec: RowCodec<Raw>, row: RawRow<Raw>, field: string, raw: Raw | undefined): boolean {
  const found = row.get(field);
  if (found === undefined || raw === undefined) return found === raw;
  return codec.equal(found, raw);
}

/** Whether two rows are the same to the bit, whatever the order of their fields. */
export function sameRow<Raw>(codec: RowCodec<Raw>, left: RawRow<Raw>, right: RawRow<Raw>): boolean {
  if (left.size !== right.size) return false;
  for (const [field, raw] of left) if (!fieldIs(codec, right, field, raw)) return false;
  return true;
}
