import type { RowWrite, WriteOutcome } from '@polyshift/adapter-kit';
import type { Definition } from '../definitions/definition.ts';
import { bytesOf } from '../keys/names.ts';
import { writeRow } from '../scripts/write-row.ts';
import type { Argument, Reply, Store } from '../store.ts';
import { type Insert, insertRows, isInsertable } from './insert-rows.ts';
import { hashFields, jsonField, type RedisRow } from './raw-row.ts';
import { expiryOf } from './row-expiry.ts';

/** Scripts in one pipeline, at most. */
const chunk = 1000;

/** What {@link writeRow} is given, but for index entries. */
export interface RowStep {
  readonly condition: readonly Argument[];
  readonly effect: readonly Argument[];
}

/** An index entry that a step makes or takes away: see {@link writeRow}. */
export interface IndexStep {
  readonly what: 'z+' | 'z-' | 's+' | 's-' | 'u+' | 'u-';
  readonly key: Argument;
  readonly member: Buffer;
  /** The score of a sorted set, the row of a unique hash. */
  readonly value: Argument;
}

/** One run of the script. */
export interface RowCall extends RowStep {
  readonly key: Buffer;
  readonly entries: readonly IndexStep[];
}

/** Runs the script for rows that have nothing to do with one another. */
export async function runSteps(store: Store, calls: readonly RowCall[]): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let from = 0; from < calls.length; from += chunk) {
    const found = await writeRow.runAll(
      store,
      calls.slice(from, from + chunk).map(({ key, condition, effect, entries }) => {
        const keys = [...new Set(entries.map((entry) => String(entry.key)))];
        const parameters = entries.flatMap((entry) => [
          entry.what,
          keys.indexOf(String(entry.key)) + 2,
          entry.member,
          entry.value,
        ]);
        return { keys: [key, ...keys], parameters: [...condition, ...effect, entries.length, ...parameters] };
      }),
    );
    for (const reply of found) {
      if (reply instanceof Error) throw reply;
      replies.push(reply);
    }
  }
  return replies;
}

/** Writes rows of a collection without indexes. */
export async function writeRows(
  store: Store,
  collection: string,
  definition: Definition,
  writes: readonly RowWrite<Buffer>[],
): Promise<WriteOutcome[]> {
  const isQuick = (write: RowWrite<Buffer>): write is Insert => write.kind === 'insert' && isInsertable(write);
  const inserted = (await insertRows(store, collection, definition, writes.filter(isQuick))).values();
  const steps = writes.map((write) => (isQuick(write) ? undefined : stepOf(definition, write)));
  const calls = steps.flatMap((step, position) =>
    step ? [{ ...step, key: store.keys.row(collection, String(writes[position]!.key)), entries: [] }] : [],
  );
  const replies = (await runSteps(store, calls)).values();
  return steps.map((step, position) => {
    if (isQuick(writes[position]!)) return inserted.next().value!;
    return step && replies.next().value === 1 ? 'written' : 'differs';
  });
}

/** The step of a write; undefined where its outcome would be a row that is half a hash and half a string. */
function stepOf(definition: Definition, write: RowWrite<Buffer>): RowStep | undefined {
  switch (write.kind) {
    case 'insert':
      return { condition: ['absent'], effect: wholeRow(write.row, expiryOf(definition)) };
    case 'remove':
      return { condition: isWhole(write.row), effect: ['delete'] };
    case 'change':
      return changeStep(write);
  }
}

function changeStep({ fields }: RowWrite<Buffer> & { kind: 'change' }): RowStep | undefined {
  const json = fields.find(({ field }) => field === jsonField);
  const others = fields.filter(({ field }) => field !== jsonField);
  if (!json) {
    const set = others.flatMap(({ field, after }) => (after === undefined ? [] : [bytesOf(field), after]));
    const gone = others.flatMap(({ field, after }) => (after === undefined ? [bytesOf(field)] : []));
    return {
      condition: [
        'fields',
        others.length,
        ...others.flatMap(({ field, before }) => [bytesOf(field), before === undefined ? 0 : 1, before ?? '']),
      ],
      effect: ['patch', set.length / 2, ...set, gone.length, ...gone],
    };
  }
  const before: RedisRow = new Map(
    others.flatMap((each) => (each.before === undefined ? [] : [[each.field, each.before] as const])),
  );
  const after: RedisRow = new Map(
    others.flatMap((each) => (each.after === undefined ? [] : [[each.field, each.after] as const])),
  );
  const mixed = (json.before && before.size > 0) || (json.after && after.size > 0) || (!json.before && !json.after);
  if (mixed) return undefined;
  return {
    condition: isWhole(json.before ? new Map([[jsonField, json.before]]) : before),
    effect: wholeRow(json.after ? new Map([[jsonField, json.after]]) : after, 'keep'),
  };
}

/** The condition that a row is exactly this one. */
export function isWhole(row: RedisRow): Argument[] {
  const json = row.get(jsonField);
  if (json) return ['string', json];
  const fields = hashFields(row);
  return ['hash', fields.length, ...fields.flatMap(([field, raw]) => [bytesOf(field), raw])];
}

/** The effect that a row becomes exactly this one. */
export function wholeRow(row: RedisRow, expiry: Argument): Argument[] {
  const json = row.get(jsonField);
  if (json) return ['string', expiry, json];
  const fields = hashFields(row);
  return ['hash', expiry, fields.length, ...fields.flatMap(([field, raw]) => [bytesOf(field), raw])];
}
