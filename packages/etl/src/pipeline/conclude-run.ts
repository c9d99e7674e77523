import type { Check, PolyshiftError } from '@polyshift/core';
import { failedAfter } from '../checks/failed-checks.ts';
import { runSpecChecks } from '../checks/run-spec-checks.ts';
import { countsOf, type EtlRun, noCounts } from '../journal/records.ts';
import { hasDropped, restoreIndexes } from '../load/indexes.ts';
import { compareLoad } from '../reconcile/compare-load.ts';
import { takeLoadBack } from '../rollback.ts';
import type { Attempt } from './attempt.ts';
import { quietly } from './quietly.ts';

/**
 * Records a run whose rows are all loaded as done, where the checks of the spec after the load pass and the indexes that were dropped for it are there
 * again; until then it is `loaded`, and the next attempt repeats both. Throws CHECK_FAILED, after taking the load back where the spec wants that.
 */
export async function concludeRun(loadedRun: EtlRun, attempt: Attempt): Promise<EtlRun> {
  const { loaded, records, lease, now, fault } = attempt;
  const definitions = loaded.spec.checks?.after ?? [];
  let run: EtlRun = { ...loadedRun, state: 'loaded' };
  // Recorded first: an attempt that dies at a check, or while it builds an index, has nothing to load again.
  if (loadedRun.state !== 'loaded' && (definitions.length > 0 || hasDropped(run))) {
    await lease.guard();
    await records.putRun(run, lease.fence);
  }
  if (definitions.length > 0) {
    await fault('etl.after_loaded');
    const after = await checksAfter(run, attempt);
    run = { ...run, checks: { before: run.checks?.before ?? [], after } };
    const failure = failedAfter(loaded.spec.name, after, false);
    if (failure) throw await afterFailure(run, after, failure, attempt);
  }
  run = await indexesAgain(run, attempt);
  const done: EtlRun = { ...run, state: 'done', finished_at: now().toISOString() };
  await lease.guard();
  await records.putRun(done, lease.fence);
  await fault('etl.after_done');
  return done;
}

/** After the checks, which read the source as it was: a store may build no index while anybody holds a view of the time before. */
async function indexesAgain(run: EtlRun, attempt: Attempt): Promise<EtlRun> {
  if (!hasDropped(run)) return run;
  const { stores, prepared, lease, progress } = attempt;
  await quietly(prepared)[Symbol.asyncDispose]();
  const rowsOf = (target: number): number => run.targets[target]!.rows_before + countsOf(run.totals ?? noCounts, target).inserted;
  const signal = AbortSignal.any([attempt.signal, lease.signal]);
  const restored = await restoreIndexes(run, rowsOf, { ...attempt, sink: stores.target.sink, signal });
  progress.indexes_dropped = false;
  return restored;
}

async function checksAfter(run: EtlRun, attempt: Attempt): Promise<Check[]> {
  const { loaded, stores, prepared, emit } = attempt;
  const signal = AbortSignal.any([attempt.signal, attempt.lease.signal]);
  return runSpecChecks(loaded.spec.checks?.after ?? [], {
    loaded,
    sides: { source: stores.source.session, target: stores.target.session },
    on: 'target',
    compareRows: async () => (await compareLoad({ loaded, stores, prepared, run, emit, signal })).checks,
    signal,
  });
}

/** Keeps what was found, and takes the load back where the spec wants it. */
async function afterFailure(
  run: EtlRun,
  after: readonly Check[],
  failure: PolyshiftError,
  attempt: Attempt,
): Promise<PolyshiftError> {
  const { loaded, dependencies, stores, records, lease, emit, now, fault, signal } = attempt;
  await lease.guard();
  await records.putRun(run, lease.fence);
  if (loaded.spec.checks?.on_failure !== 'roll_back') return failure;
  await quietly(attempt.prepared)[Symbol.asyncDispose]();
  await takeLoadBack(run, { loaded, dependencies, target: stores.target, records, lease, emit, now, fault, signal });
  return failedAfter(loaded.spec.name, after, true) ?? failure;
}
