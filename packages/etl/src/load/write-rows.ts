import { type Batch, batchSize, type SinkWriter, type WriteResult } from '@polyshift/core';
import { Slots } from '../pipeline/slots.ts';
import { type RetryPolicy, withRetries } from '../retry.ts';
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

/** Makes the way into each target, with retries of errors that may pass. */
export function rowWriter(parts: {
  readonly targets: readonly PreparedTarget[];
  readonly writers: readonly SinkWriter[];
  readonly gates: WriteGates;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  readonly guard: () => Promise<void>;
  readonly retried: (error: Error, attempt: number, pauseMs: number) => void;
}): (mayBeThere: boolean) => WriteRows {
  const { targets, writers, gates, policy, signal, guard, retried } = parts;
  const writeOnce = async (target: number, batch: Batch, mayBeThere: boolean): Promise<WriteResult> => {
    const { distinct, mode, key } = targets[target]!;
    const writer = writers[target]!;
    return await withRetries(policy, signal, retried, async (attempt) => {
      // As late as possible: what lies between may have taken long.
      await guard();
      const replay = mayBeThere || distinct || attempt > 0;
      const written = await writer.write(batch, { replay });
      return replay && mode !== 'ignore' ? refuseUnequal(writer, batch, written, key) : written;
    });
  };
  return (mayBeThere) => async (target, batch) => {
    if (batchSize(batch) === 0) return nothingWritten;
    const gate = gates[target];
    await gate?.take();
    try {
      return await writeOnce(target, batch, mayBeThere);
    } finally {
      gate?.give();
    }
  };
}
