import { groupsWithin, type RowWrite, type WriteOutcome } from '@polyshift/adapter-kit';
import type { Definition } from '../definitions/definition.ts';
import { bytesOf, isPlainName } from '../keys/names.ts';
import { insertHashes } from '../scripts/insert-hashes.ts';
import { placeholder } from '../scripts/write-row.ts';
import { type Argument, type Command, type Store, sendEach } from '../store.ts';
import { idField, jsonField } from './raw-row.ts';
import { expiryOf } from './row-expiry.ts';

/** A row that is written only where its key is free. */
export type Insert = Extract<RowWrite<Buffer>, { kind: 'insert' }>;

/** Rows and bytes that one run of the script inserts, at most: it holds up everybody else meanwhile. */
const rowsInScript = 50;
const bytesInScript = 100_000;

/** Rows in one pipeline, at most. */
const rowsInPipeline = 1000;

/** Fields that a row may have for the script: Lua takes 8,000 parameters at once. */
const fieldsInScript = 3000;

/** Whether a row can be inserted by {@link insertRows}; others go by the script that writes any row. */
export function isInsertable({ row }: Insert): boolean {
  return row.size <= fieldsInScript;
}

/**
 * Inserts rows of a collection without indexes, outcomes by position: strings of JSON by SET NX, hashes by a script for many at once, which costs half
 * of what one for each row does. In a cluster keys of different slots need a script each.
 */
export async function insertRows(
  store: Store,
  collection: string,
  definition: Definition,
  inserts: readonly Insert[],
): Promise<WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  for (let from = 0; from < inserts.length; from += rowsInPipeline)
    outcomes.push(...(await insertSome(store, collection, definition, inserts.slice(from, from + rowsInPipeline))));
  return outcomes;
}

async function insertSome(
  store: Store,
  collection: string,
  definition: Definition,
  inserts: readonly Insert[],
): Promise<WriteOutcome[]> {
  const outcomes: WriteOutcome[] = new Array(inserts.length);
  const expiry = expiryOf(definition);
  const keyOf = (position: number): Buffer => store.keys.row(collection, String(inserts[position]!.key));
  const texts = inserts.flatMap(({ row }, position) => (row.has(jsonField) ? [position] : []));
  const hashes = inserts.flatMap(({ row }, position) => (row.has(jsonField) ? [] : [position]));
  const groups = groupsWithin(hashes, (position) => sizeOf(inserts[position]!), {
    items: store.cluster && !store.keys.rowsShareSlot(collection) ? 1 : rowsInScript,
    size: bytesInScript,
  });
  const stored = await sendEach(
    store,
    texts.map((position): Command => {
      const text = inserts[position]!.row.get(jsonField)!;
      return ['set', keyOf(position), text, 'NX', ...(expiry === 'keep' ? [] : ['PX', expiry])];
    }),
  );
  const inserted = await insertHashes.runAll(
    store,
    groups.map((group) => ({
      keys: group.map(keyOf),
      parameters: parametersOf(
        expiry,
        group.map((position) => inserts[position]!),
      ),
    })),
  );
  for (const [index, position] of texts.entries()) outcomes[position] = stored[index] === null ? 'differs' : 'written';
  for (const [index, replies] of inserted.entries()) {
    if (replies instanceof Error) throw replies;
    for (const [place, position] of groups[index]!.entries())
      outcomes[position] = (replies as number[])[place] === 1 ? 'written' : 'differs';
  }
  return outcomes;
}

function parametersOf(expiry: Argument, inserts: readonly Insert[]): Argument[] {
  const parameters: Argument[] = [expiry];
  for (const insert of inserts) addFields(parameters, insert);
  return parameters;
}

/** Adds how many names and values a hash has, and these. */
function addFields(parameters: Argument[], { row }: Insert): void {
  const place = parameters.push(0) - 1;
  for (const [field, raw] of row) if (field !== idField) parameters.push(isPlainName(field) ? field : bytesOf(field), raw);
  // Redis has no hash without fields.
  if (parameters.length === place + 1) parameters.push(placeholder, '');
  parameters[place] = parameters.length - place - 1;
}

function sizeOf({ row }: Insert): number {
  let bytes = 0;
  for (const raw of row.values()) bytes += raw.length;
  return bytes;
}
