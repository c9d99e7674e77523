import { fieldIs, groupsWithin, keyText, type RowWrite, sameRow, type WriteOutcome } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import { inParallel, writeAllIf, writeIf } from '../cql/execute.ts';
import { classify, outcomeUnknown } from '../errors.ts';
import type { Store } from '../store.ts';
import { rowCodec } from './codec.ts';
import { getRow } from './get-row.ts';
import { type Statement, writeStatements } from './write-statements.ts';

/** Partitions that are written at once. */
const width = 128;

/** Writes and bytes in one batch, at most: it is one mutation of its partition. */
const mostTogether = { items: 50, size: 200_000 };

/** Times that a write is sent again where its outcome was unknown and nothing was written. */
const attempts = 5;

/**
 * Does writes on their conditions (LWT), outcomes by position. The conditional writes of one partition hinder each other, so they are not on their
 * way at once, but several in one batch: it is done where all of its conditions hold, and taken apart where one does not.
 */
export async function writeRows(store: Store, table: Table, writes: readonly RowWrite<Buffer>[]): Promise<WriteOutcome[]> {
  const outcomes = new Array<WriteOutcome>(writes.length);
  const partitions = new Map<string, number[]>();
  for (const [position, { key }] of writes.entries()) {
    const partition = keyText((key as JsonValue[]).slice(0, table.partitionKey.length));
    const known = partitions.get(partition);
    if (known) known.push(position);
    else partitions.set(partition, [position]);
  }
  const writeBatch = async (positions: readonly number[]): Promise<void> => {
    const batch = positions.map((position) => writes[position]!);
    const together = batch.length > 1 ? await writeTogether(store, table, batch) : [];
    for (const [index, position] of positions.entries())
      outcomes[position] = together[index] ?? (await writeRow(store, table, batch[index]!));
  };
  await inParallel(
    [...partitions.values()],
    async (positions) => {
      for (const batch of groupsWithin(positions, (position) => sizeOf(writes[position]!), mostTogether)) await writeBatch(batch);
    },
    width,
  );
  return outcomes;
}

function sizeOf(write: RowWrite<Buffer>): number {
  const values = write.kind === 'change' ? write.fields.flatMap(({ before, after }) => [before, after]) : [...write.row.values()];
  return values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
}

/** Does writes in one batch, all or none: outcomes by position, none for those that have to be written one by one. */
async function writeTogether(
  store: Store,
  table: Table,
  writes: readonly RowWrite<Buffer>[],
): Promise<(WriteOutcome | undefined)[]> {
  const statements: Statement[] = [];
  for (const write of writes) {
    const own = await writeStatements(store, table, write);
    if (own === undefined) return [];
    statements.push(...own);
  }
  try {
    return (await writeAllIf(store, statements)).applied ? writes.map(() => 'written') : [];
  } catch (error) {
    if (outcomeUnknown(error)) return Promise.all(writes.map((write) => outcomeOf(store, table, write)));
    // What the store has against one of the rows shows when they are written one by one.
    refused(error);
    return [];
  }
}

/**
 * Does one write. Where the store does not say whether it was done, the row is read by a serial read, which brings an unfinished write to its end: so
 * what it holds tells the outcome.
 */
async function writeRow(store: Store, table: Table, write: RowWrite<Buffer>): Promise<WriteOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      const statements = await writeStatements(store, table, write);
      if (statements === undefined) return 'differs';
      const [only, ...more] = statements;
      const { applied } = more.length > 0 ? await writeAllIf(store, statements) : await writeIf(store, only!.query, only!.params);
      return applied ? 'written' : 'differs';
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
