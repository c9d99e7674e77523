import { type Batch, batchSize, isPolyshiftError, type SinkWriter, type WriteResult } from '@polyshift/core';
import { Slots } from '../pipeline/slots.ts';
import { keyJson, rowView } from '../reconcile/row-view.ts';
import { type RetryPolicy, withRetries } from '../retry.ts';
import { sliceRows } from '../transform/transform-batch.ts';
import type { BatchSize } from './batch-size.ts';
import { refuseUnequal } from './replayed.ts';
import type { PreparedTarget } from './targets.ts';
import type { WriteRows } from './write-unit.ts';

const nothingWritten: WriteResult = { inserted: 0, replaced: 0, already_there: 0, rejected: [] };

/**
 * One place for the targets whose rows many source rows share: two writes of the same new row at once would each find it missing. Shared by
 * all that write in a run.
 */
export type WriteGates = readonly (Slots | undefined)[];

/** See {@link WriteGates}. */
export function writeGates(targets: readonly PreparedTarget[]): WriteGates {
  return targets.map(({ distinct }) => (distinct ? new Slots(1) : undefined));
}

/** Makes the way into each target, with retries of errors that may pass, and in halves where the store refuses a write for its size. */
export function rowWriter(parts: {
  readonly targets: readonly PreparedTarget[];
  readonly writers: readonly SinkWriter[];
  /** By target: told how long writes take, and which are too large. */
  readonly sizes: readonly BatchSize[];
  readonly gates: WriteGates;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  readonly guard: () => Promise<void>;
  readonly retried: (error: Error, attempt: number, pauseMs: number) => void;
}): (mayBeThere: boolean) => WriteRows {
  const { targets, writers, sizes, gates, policy, signal, guard, retried } = parts;
  const writeOnce = async (target: number, batch: Batch, mayBeThere: boolean): Promise<WriteResult> => {
    const { distinct, mode, key } = targets[target]!;
    const writer = writers[target]!;
    return await withRetries(policy, signal, retried, async (attempt) => {
      // As late as possible: what lies between may have taken long.
      await guard();
      const replay = mayBeThere || distinct || attempt > 0;
      const started = performance.now();
      const written = await writer.write(batch, { replay });
      if (!replay) sizes[target]!.written(batchSize(batch), performance.now() - started);
      return replay && mode !== 'ignore' ? refuseUnequal(writer, batch, written, key) : written;
    });
  };
  const write = async (target: number, batch: Batch, mayBeThere: boolean): Promise<WriteResult> => {
    try {
      return await writeOnce(target, batch, mayBeThere);
    } catch (error) {
      if (!isPolyshiftError(error, 'BATCH_TOO_LARGE')) throw error;
      const rows = batchSize(batch);
      if (rows === 1) {
        const row = keyJson(rowView(batch, 0), targets[target]!.key);
        return { ...nothingWritten, rejected: [{ index: 0, key: row, code: error.code, message: error.message }] };
      }
      sizes[target]!.refused(rows);
      const half = rows >> 1;
      // Whatever the store has taken of the whole before it refused it is there now.
      const first = await write(target, sliceRows(batch, 0, half), true);
      const second = await write(target, sliceRows(batch, half, rows), true);
      return {
        inserted: first.inserted + second.inserted,
        replaced: first.replaced + second.replaced,
        already_there: first.already_there + second.already_there,
        rejected: [...first.rejected, ...second.rejected.map((each) => ({ ...each, index: half + each.index }))],
      };
    }
  };
  return (mayBeThere) => async (target, batch) => {
    if (batchSize(batch) === 0) return nothingWritten;
    const gate = gates[target];
    await gate?.take();
    try {
      return await write(target, batch, mayBeThere);
    } finally {
      gate?.give();
    }
  };
}
