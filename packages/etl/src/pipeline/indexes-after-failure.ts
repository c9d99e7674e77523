import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import { type MissingIndexes, missingIndexes, missingText, restoreIndexes } from '../load/indexes.ts';
import type { Attempt } from './attempt.ts';
import { quietly } from './quietly.ts';

/** What is needed of an attempt that has failed. */
export type FailedAttempt = Pick<Attempt, 'stores' | 'prepared' | 'records' | 'lease' | 'emit' | 'fault' | 'signal' | 'progress'>;

/**
 * Builds the indexes again that a failed attempt had dropped, and gives the error to throw. Whoever asked to stop waits for no build, and where the lock is
 * somebody else's so are the indexes: then, and where a build fails too, the hint of the error says what is missing.
 */
export async function indexesAfterFailure(error: unknown, attempt: FailedAttempt): Promise<unknown> {
  const { stores, prepared, records, lease, signal, progress } = attempt;
  const { sink } = stores.target;
  if (!progress.indexes_dropped || lease.signal.aborted || isPolyshiftError(error, 'LEASE_LOST')) return error;
  try {
    const run = await records.run();
    if (run?.state !== 'running' && run?.state !== 'loaded') return error;
    if (!signal.aborted) {
      // A store may build no index while anybody holds a view of the time before.
      await quietly(prepared)[Symbol.asyncDispose]();
      await restoreIndexes(run, (target) => run.targets[target]!.rows_before, { ...attempt, sink });
      progress.indexes_dropped = false;
      return error;
    }
    return withHint(error, await missingIndexes(sink, run.targets));
  } catch {
    return withHint(error, []);
  }
}

function withHint(error: unknown, missing: readonly MissingIndexes[]): unknown {
  if (!isPolyshiftError(error)) return error;
  const names = missingText(missing);
  const what =
    names === '' ? 'Indexes that were dropped for the load are missing' : `These indexes are missing meanwhile: ${names}`;
  return new PolyshiftError(error.code, error.message, {
    ...(error.place ? { place: error.place } : {}),
    ...(error.data ? { data: error.data } : {}),
    hint: [error.hint, `${what}; the next run or rollback builds them again.`].filter(Boolean).join(' '),
    retryable: error.retryable,
    cause: error,
  });
}
