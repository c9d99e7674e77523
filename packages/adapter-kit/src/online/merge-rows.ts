import type { PortableDocument } from '@polyshift/core';
import type { FieldEdit, RawRow, RowCodec } from '../row-store.ts';
import { type FieldDigests, fieldDigests } from './digests.ts';

/** A row with what it says. */
export interface RowView<Raw> {
  readonly row: RawRow<Raw>;
  readonly document: PortableDocument;
  readonly digests: FieldDigests;
}

/** Reads a row of a collection. */
export function viewOf<Raw>(codec: RowCodec<Raw>, collection: string, row: RawRow<Raw>): RowView<Raw> {
  const document = codec.decode(collection, row);
  return { row, document, digests: fieldDigests(document) };
}

/** What carrying over one row comes to. */
export interface MergedRow<Raw> {
  /** The row as it is to be; the target's own where nothing changes. */
  readonly row: RawRow<Raw>;
  /** Fields that both sides have changed to different values since they were last in step. */
  readonly conflicts: readonly string[];
}

/**
 * Carries what has changed on one side over to the other, field by field: a field whose mapped value is still what it was when both were last in step
 * keeps what the target has, so that values which only the target knows (fields of its own, digits that the other side cannot hold) survive writes
 * to other fields. Raw values go over as they are, where a row has its fields as raw values of their own.
 *
 * @param incoming the row of the other side, mapped
 * @param last the target's fields when both were last in step, and the mapped fields then
 */
export function mergeRows<Raw>(
  codec: RowCodec<Raw>,
  collection: string,
  target: RowView<Raw>,
  incoming: RowView<Raw>,
  last: { readonly target: FieldDigests; readonly incoming: FieldDigests },
): MergedRow<Raw> {
  const conflicts: string[] = [];
  const taken: string[] = [];
  let ownKept = false;
  for (const field of new Set([...target.digests.keys(), ...incoming.digests.keys()])) {
    const [mine, theirs] = [target.digests.get(field), incoming.digests.get(field)];
    if (mine === theirs) continue;
    if (theirs === last.incoming.get(field)) {
      ownKept = true;
      continue;
    }
    if (mine !== last.target.get(field)) conflicts.push(field);
    taken.push(field);
  }
  if (taken.length === 0) return { row: target.row, conflicts };
  if (!ownKept) return { row: incoming.row, conflicts };
  return { row: taken.reduce((row, field) => take(codec, collection, row, incoming, field), target.row), conflicts };
}

function take<Raw>(
  codec: RowCodec<Raw>,
  collection: string,
  row: RawRow<Raw>,
  incoming: RowView<Raw>,
  field: string,
): RawRow<Raw> {
  const raw = incoming.row.get(field);
  if (raw !== undefined) return new Map(row).set(field, raw);
  if (row.has(field)) {
    const rest = new Map(row);
    rest.delete(field);
    return rest;
  }
  const value = incoming.document.get(field);
  const edit: FieldEdit = value === undefined ? { kind: 'unset', field } : { kind: 'set', field, value };
  return codec.edit(collection, row, [edit]);
}
