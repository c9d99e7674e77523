import { type Batch, batchSize, type JsonValue, type Loss, type SourceBatch } from '@polyshift/core';
import type { Transform, TransformRejection } from '../transform/transform.ts';

/** Rows that are written at once. */
export interface Unit {
  /** Counts the units of the attempt, from 0. */
  readonly sequence: number;
  readonly batch: Batch;
  /** The rows as the source gave them, for dead letters; `sources[origins[i]]` belongs to row i of `batch`. */
  readonly sources: readonly { readonly batch: Batch; readonly from: number }[];
  /** For each row of `batch` its number in the partition. */
  readonly rowNumbers: (index: number) => number;
  /** Rows of the partition before the unit, and up to its end. */
  readonly rowsFrom: number;
  readonly rowsThrough: number;
  /** Rows that rules rejected, by their number in the partition. */
  readonly rejected: readonly (TransformRejection & { readonly row: number })[];
  readonly losses: readonly Loss[];
  /** Where a checkpoint can be: the end of a source batch that has a key to go on behind. */
  readonly mark: { readonly last_key: JsonValue } | undefined;
}

/** What the times of the steps are counted in. */
export interface StepClock {
  /** Milliseconds waited for the source. */
  extract_ms: number;
  /** Milliseconds spent in rules. */
  transform_ms: number;
}

/**
 * Transforms source batches and cuts them into units of at most `size` rows. A large source batch becomes several units, small ones are put
 * together as long as they fit as a whole, so that each source batch ends with a unit: there a checkpoint can be.
 */
export async function* units(
  source: AsyncIterable<SourceBatch>,
  transform: Transform,
  size: number,
  rowsBefore: number,
  clock: StepClock,
): AsyncGenerator<Unit> {
  let sequence = 0;
  let row = rowsBefore;
  let held: Piece[] = [];
  let heldRows = 0;
  const emit = (pieces: readonly Piece[], ended: boolean): Unit => {
    const lastKey = pieces.at(-1)!.last_key;
    return joined(pieces, sequence++, ended && lastKey !== null ? { last_key: lastKey } : undefined);
  };
  let waited = performance.now();
  for await (const { batch, last_key } of source) {
    clock.extract_ms += performance.now() - waited;
    const rows = batchSize(batch);
    if (rows > 0) {
      if (heldRows > 0 && heldRows + rows > size) {
        yield emit(held, true);
        [held, heldRows] = [[], 0];
      }
      for (let from = 0; from < rows; from += size) {
        const through = Math.min(rows, from + size);
        const part = from === 0 && through === rows ? batch : slice(batch, from, through);
        const started = performance.now();
        held.push(piece(part, transform, row, last_key));
        clock.transform_ms += performance.now() - started;
        heldRows += through - from;
        row += through - from;
        if (through < rows) {
          yield emit(held, false);
          [held, heldRows] = [[], 0];
        }
      }
      if (heldRows >= size || rows > size) {
        yield emit(held, true);
        [held, heldRows] = [[], 0];
      }
    }
    waited = performance.now();
  }
  if (held.length > 0) yield emit(held, true);
}

interface Piece {
  readonly source: Batch;
  readonly batch: Batch;
  readonly origins: readonly number[] | undefined;
  readonly rejected: readonly TransformRejection[];
  readonly losses: readonly Loss[];
  readonly rowsFrom: number;
  readonly last_key: JsonValue;
}

function piece(source: Batch, transform: Transform, rowsFrom: number, lastKey: JsonValue): Piece {
  const { batch, origins, rejected, losses } = transform.apply(source);
  return { source, batch, origins, rejected, losses, rowsFrom, last_key: lastKey };
}

function joined(pieces: readonly Piece[], sequence: number, mark: Unit['mark']): Unit {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  return {
    sequence,
    batch: pieces.length === 1 ? first.batch : concatenated(pieces.map((each) => each.batch)),
    sources: pieces.map((each) => ({ batch: each.source, from: each.rowsFrom })),
    rowNumbers: (index) => {
      let left = index;
      for (const each of pieces) {
        const rows = batchSize(each.batch);
        if (left < rows) return each.rowsFrom + (each.origins?.[left] ?? left);
        left -= rows;
      }
      throw new RangeError(`row ${index} is not in the unit`);
    },
    rowsFrom: first.rowsFrom,
    rowsThrough: last.rowsFrom + batchSize(last.source),
    rejected: pieces.flatMap((each) =>
      each.rejected.map((rejection) => ({ ...rejection, row: each.rowsFrom + rejection.index })),
    ),
    losses: pieces.flatMap((each) => each.losses),
    mark,
  };
}

function slice(batch: Batch, from: number, through: number): Batch {
  return batch.kind === 'rows'
    ? { ...batch, rows: batch.rows.slice(from, through) }
    : { ...batch, documents: batch.documents.slice(from, through) };
}

function concatenated(batches: readonly Batch[]): Batch {
  const first = batches[0]!;
  return first.kind === 'rows'
    ? { ...first, rows: batches.flatMap((batch) => (batch as typeof first).rows) }
    : { ...first, documents: batches.flatMap((batch) => (batch as typeof first).documents) };
}

/** Fetches one batch ahead, so that the source works while the last batch is dealt with. */
export async function* readAhead<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  // A failure is thrown where the batch is taken; until then it is not unhandled.
  next.catch(() => undefined);
  try {
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = iterator.next();
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await next.catch(() => undefined);
    await iterator.return?.();
  }
}
