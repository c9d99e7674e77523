import { type Batch, batchSize, type JsonValue, type Loss } from '@polyshift/core';
import type { JoinedBatch } from '../extract/joined.ts';
import { type SourceRejection, sliceRows, type Transformed } from '../transform/transform-batch.ts';

/** What one branch has made of the rows of a unit. */
export interface UnitOutput {
  readonly batch: Batch;
  /** The number of its rows. */
  readonly rows: number;
  /** For each row of `batch` the number of its source row in the partition. */
  readonly sourceRow: (index: number) => number;
  /** For each row of `batch` the row of the parent branch that it belongs to; undefined without a parent. */
  readonly outer: readonly number[] | undefined;
}

/** Rows that are written at once. */
export interface Unit {
  /** Counts the units of the attempt, from 0. */
  readonly sequence: number;
  /** By the branches of the flow. */
  readonly outputs: readonly UnitOutput[];
  /** The rows as the source gave them, for dead letters. */
  readonly sources: readonly { readonly batch: Batch; readonly from: number }[];
  /** Rows of the partition before the unit, and up to its end. */
  readonly rowsFrom: number;
  readonly rowsThrough: number;
  /** Rows that the source or the rules rejected, by their number in the partition. */
  readonly rejected: readonly (SourceRejection & { readonly row: number })[];
  /** Rows that no load takes. */
  readonly leftOut: number;
  readonly losses: readonly Loss[];
  /** Where a checkpoint can be: the end of a source batch that has a key to go on behind. */
  readonly mark: { readonly last_key: JsonValue } | undefined;
}

/** A unit that is encoded: what the branches have made is not needed any more, and is let go while the writes are under way. */
export interface IssuedUnit extends Omit<Unit, 'outputs'> {
  readonly outputs: readonly Omit<UnitOutput, 'batch'>[];
}

/** Lets go of what the branches have made. */
export function issued(unit: Unit): IssuedUnit {
  return { ...unit, outputs: unit.outputs.map(({ rows, sourceRow, outer }) => ({ rows, sourceRow, outer })) };
}

/** Makes target rows of a source batch, but for those that the source has refused. */
export type TransformUnit = (batch: Batch, refused: readonly SourceRejection[]) => Transformed;

/** What the times of the steps are counted in. */
export interface StepClock {
  /** Milliseconds waited for the source. */
  extract_ms: number;
  /** Milliseconds spent in rules. */
  transform_ms: number;
}

/**
 * Transforms source batches and cuts them into units of at most `size` rows, which is asked again for each unit. A large source batch becomes several units of the
 * same size, small ones are put together as long as they fit as a whole, so that each source batch ends with a unit: there a checkpoint can be.
 */
export async function* units(
  source: AsyncIterable<JoinedBatch>,
  transform: TransformUnit,
  size: () => number,
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
  for await (const { batch, last_key, refused = [] } of source) {
    clock.extract_ms += performance.now() - waited;
    const rows = batchSize(batch);
    if (rows > 0) {
      if (heldRows > 0 && heldRows + rows > size()) {
        yield emit(held, true);
        [held, heldRows] = [[], 0];
      }
      for (let from = 0, through = 0; from < rows; from = through) {
        // Even parts: a rest of a few rows would cost as much as a whole write.
        through = from + Math.ceil((rows - from) / Math.ceil((rows - from) / size()));
        const part = from === 0 && through === rows ? batch : sliceRows(batch, from, through);
        const refusedPart = refused.filter(({ index }) => index >= from && index < through);
        const started = performance.now();
        const transformed = transform(
          part,
          refusedPart.map((each) => ({ ...each, index: each.index - from })),
        );
        held.push({ source: part, transformed, rowsFrom: row, last_key });
        clock.transform_ms += performance.now() - started;
        heldRows += through - from;
        row += through - from;
        if (through < rows) {
          yield emit(held, false);
          [held, heldRows] = [[], 0];
        }
      }
      if (heldRows > 0 && (heldRows < rows || heldRows >= size())) {
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
  readonly transformed: Transformed;
  readonly rowsFrom: number;
  readonly last_key: JsonValue;
}

function joined(pieces: readonly Piece[], sequence: number, mark: Unit['mark']): Unit {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  return {
    sequence,
    outputs: first.transformed.outputs.map((_, branch) => joinedOutput(pieces, branch)),
    sources: pieces.map((each) => ({ batch: each.source, from: each.rowsFrom })),
    rowsFrom: first.rowsFrom,
    rowsThrough: last.rowsFrom + batchSize(last.source),
    rejected: pieces.flatMap(({ transformed, rowsFrom }) =>
      transformed.rejected.map((rejection) => ({ ...rejection, row: rowsFrom + rejection.index })),
    ),
    leftOut: pieces.reduce((sum, { transformed }) => sum + transformed.leftOut, 0),
    losses: pieces.flatMap(({ transformed }) => transformed.losses),
    mark,
  };
}

function joinedOutput(pieces: readonly Piece[], branch: number): UnitOutput {
  const outputs = pieces.map(({ transformed }) => transformed.outputs[branch]!);
  const batch = outputs.length === 1 ? outputs[0]!.batch : concatenated(outputs.map((each) => each.batch));
  // Numbers alone, so that the rows can go before they do.
  const parts = outputs.map((each, position) => ({
    rows: batchSize(each.batch),
    origins: each.origins,
    from: pieces[position]!.rowsFrom,
  }));
  return { batch, rows: batchSize(batch), sourceRow: sourceRowIn(parts), outer: joinedOuter(pieces, branch) };
}

function sourceRowIn(
  parts: readonly { readonly rows: number; readonly origins: readonly number[] | undefined; readonly from: number }[],
): (index: number) => number {
  return (index) => {
    let left = index;
    for (const { rows, origins, from } of parts) {
      if (left < rows) return from + (origins?.[left] ?? left);
      left -= rows;
    }
    throw new RangeError(`row ${index} is not in the unit`);
  };
}

/** Positions in the parent's rows of a piece become positions in those of the unit. */
function joinedOuter(pieces: readonly Piece[], branch: number): readonly number[] | undefined {
  const { outer, parent } = pieces[0]!.transformed.outputs[branch]!;
  if (parent === undefined || pieces.length === 1) return outer;
  const positions: number[] = [];
  let before = 0;
  for (const { transformed } of pieces) {
    for (const position of transformed.outputs[branch]!.outer ?? []) positions.push(before + position);
    before += batchSize(transformed.outputs[parent]!.batch);
  }
  return positions;
}

function concatenated(batches: readonly Batch[]): Batch {
  const first = batches[0]!;
  return first.kind === 'rows'
    ? { ...first, rows: batches.flatMap((batch) => (batch as typeof first).rows) }
    : { ...first, documents: batches.flatMap((batch) => (batch as typeof first).documents) };
}
