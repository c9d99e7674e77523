import type { RowWrite, WriteOutcome } from '@polyshift/adapter-kit';
import { PolyshiftError } from '@polyshift/core';
import type { Definition } from '../definitions/definition.ts';
import { bytesOf, nameOf } from '../keys/names.ts';
import { idField, jsonField, type RedisRow } from '../rows/raw-row.ts';
import { readRows } from '../rows/read-rows.ts';
import { expiryOf } from '../rows/row-expiry.ts';
import { isWhole, type RowCall, runSteps, wholeRow } from '../rows/write-rows.ts';
import type { Store } from '../store.ts';
import { entriesOf, entrySteps, step } from './entries.ts';

/** Rounds in which a row may have been changed by somebody else between its read and its write. */
const maxRounds = 20;

/**
 * Writes rows of a collection with indexes: each row is read, its entries before and after are computed, and both are written in one script where the
 * whole row is still as it was read. Else it is read again.
 */
export async function writeIndexed(
  store: Store,
  collection: string,
  definition: Definition,
  writes: readonly RowWrite<Buffer>[],
): Promise<WriteOutcome[]> {
  const outcomes: WriteOutcome[] = writes.map(() => 'differs');
  let open = writes.map((_write, position) => position);
  for (let round = 0; open.length > 0; round++) {
    if (round === maxRounds)
      throw new PolyshiftError('STORE_BUSY', `the application writes rows of ${collection} all the time`, { retryable: true });
    const found = await readRows(
      store,
      collection,
      open.map((position) => String(writes[position]!.key)),
    );
    const rows = new Map(found.map(({ key, row }) => [String(key), row]));
    const planned = open.flatMap((position) => {
      const write = writes[position]!;
      const call = planWrite(store, collection, definition, write, rows.get(String(write.key)));
      return call ? [{ position, call }] : [];
    });
    const replies = await runSteps(
      store,
      planned.map(({ call }) => call),
    );
    open = [];
    for (const [index, reply] of replies.entries()) {
      const { position, call } = planned[index]!;
      if (reply === 1) outcomes[position] = 'written';
      else if (Array.isArray(reply)) outcomes[position] = taken(call, reply as [number, Buffer]);
      // An insert whose key is taken by now has no other round.
      else if (writes[position]!.kind !== 'insert') open.push(position);
    }
  }
  return outcomes;
}

/** The script of a write; undefined where its condition does not hold for the row as it is. */
function planWrite(
  store: Store,
  collection: string,
  definition: Definition,
  write: RowWrite<Buffer>,
  row: RedisRow | undefined,
): RowCall | undefined {
  const entries = (each: RedisRow | undefined) => entriesOf(store.keys, collection, definition, definition.indexes, each);
  const key = store.keys.row(collection, String(write.key));
  if (write.kind === 'insert') {
    const inserted = new Map(write.row).set(idField, bytesOf(String(write.key)));
    return row
      ? undefined
      : {
          key,
          condition: ['absent'],
          effect: wholeRow(inserted, expiryOf(definition)),
          entries: entries(inserted).map((each) => step('+', each)),
        };
  }
  if (!row) return undefined;
  const condition = isWhole(row);
  if (write.kind === 'remove') {
    if (!sameFields(row, write.row)) return undefined;
    return { key, condition, effect: ['delete'], entries: entries(row).map((each) => step('-', each)) };
  }
  const after = changed(row, write);
  return after && { key, condition, effect: wholeRow(after, 'keep'), entries: entrySteps(entries(row), entries(after)) };
}

/** The row with the fields of a change; undefined where they are not as they were, or the outcome would be no row. */
function changed(row: RedisRow, { fields }: RowWrite<Buffer> & { kind: 'change' }): RedisRow | undefined {
  const after = new Map(row);
  for (const { field, before, after: wanted } of fields) {
    const found = row.get(field);
    if (found === undefined ? before !== undefined : before === undefined || !found.equals(before)) return undefined;
    if (wanted === undefined) after.delete(field);
    else after.set(field, wanted);
  }
  return after.has(jsonField) && after.size > 2 ? undefined : after;
}

function sameFields(left: RedisRow, right: RedisRow): boolean {
  const size = (row: RedisRow): number => row.size - (row.has(idField) ? 1 : 0);
  if (size(left) !== size(right)) return false;
  for (const [field, raw] of left) if (field !== idField && !right.get(field)?.equals(raw)) return false;
  return true;
}

function taken(call: RowCall, [entry, holder]: [number, Buffer]): WriteOutcome {
  const { member, key } = call.entries[entry - 1]!;
  return {
    code: 'DUPLICATE_KEY',
    message: `the unique index ${String(key).split(':').at(-1)} has ${JSON.stringify(member.toString())} already, of the row ${nameOf(holder)}`,
  };
}
