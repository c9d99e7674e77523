import { defaultLeaseMs, isPolyshiftError, PolyshiftError } from '@polyshift/core';
import type { EtlDependencies, FaultPlace } from './dependencies.ts';
import { chooseEngine } from './engine/choose-engine.ts';
import { holdSpec } from './journal/hold-spec.ts';
import { EtlRecords, type EtlRun } from './journal/records.ts';
import { hasDropped } from './load/indexes.ts';
import type { Attempt } from './pipeline/attempt.ts';
import { beginRun, fieldsToGoOnWith } from './pipeline/begin-run.ts';
import { concludeRun } from './pipeline/conclude-run.ts';
import { indexesAfterFailure } from './pipeline/indexes-after-failure.ts';
import { loadRows } from './pipeline/load-rows.ts';
import { prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { type OpenStores, openStores } from './pipeline/stores.ts';
import { type Watched, whileStoresAnswer } from './pipeline/while-stores-answer.ts';
import { type EtlRunReport, nothingMeasured, runReport } from './report/run-report.ts';
import { pause, pauseBefore, retryPolicy, stopped } from './retry.ts';
import type { LoadedSpec } from './spec/load-spec.ts';
import { specChecksum } from './spec/spec-checksum.ts';

/**
 * Runs a spec: loads everything, or goes on where an earlier run stopped. A connection that is lost is made anew, with growing pauses, as
 * long as tries are left. Throws what is wrong with the spec before anything is written; later CONNECTION_LOST or STOPPED (both
 * resumable), CHECK_FAILED, SOURCE_CHANGED, ROW_REJECTED, LOSS_REFUSED, LOCKED, LEASE_LOST.
 */
export async function runEtl(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<EtlRunReport> {
  const emit = dependencies.emit ?? (() => undefined);
  const policy = retryPolicy(dependencies);
  const signal = dependencies.signal ?? new AbortController().signal;
  let tries = 0;
  let attempted = false;
  for (;;) {
    const progress = { begun: false, rows: 0, indexes_dropped: false };
    const again = (error: unknown): boolean =>
      (attempted || progress.begun) && !signal.aborted && mayPass(error) && (progress.rows > 0 ? 0 : tries) < policy.retries;
    try {
      return await attempt(loaded, dependencies, { emit, policy, signal, attempted, progress, again });
    } catch (error) {
      attempted ||= progress.begun;
      if (progress.rows > 0) tries = 0;
      if (!attempted || signal.aborted || !mayPass(error)) throw error;
      if (tries >= policy.retries) throw lost(error);
      tries++;
      const pauseMs = pauseBefore(tries, policy);
      emit({ kind: 'retry', error: error as Error, attempt: tries, pause_ms: pauseMs, reconnect: true });
      await pause(pauseMs, signal);
    }
  }
}

function mayPass(error: unknown): boolean {
  return isPolyshiftError(error) && (error.retryable || error.code === 'CONNECTION_LOST' || error.code === 'CONNECTION_FAILED');
}

/** After the first write a store that cannot be reached has been lost: the run can be resumed. */
function lost(error: unknown): unknown {
  if (!isPolyshiftError(error, 'CONNECTION_FAILED')) return error;
  return new PolyshiftError(
    'CONNECTION_LOST',
    `the store went away in the middle of the run and did not come back: ${error.message}`,
    {
      hint: 'Run the same command again when the store is back: it resumes where it stopped.',
      cause: error,
    },
  );
}

/** What the caller of an attempt gives it. */
interface AttemptOptions extends Pick<Attempt, 'emit' | 'policy' | 'signal' | 'progress'> {
  /** Whether an attempt of this process may still hold the lock. */
  readonly attempted: boolean;
  /** Whether another attempt follows one that ends with this error. */
  readonly again: (error: unknown) => boolean;
}

async function attempt(loaded: LoadedSpec, dependencies: EtlDependencies, options: AttemptOptions): Promise<EtlRunReport> {
  const startedAt = performance.now();
  if (options.signal.aborted) throw stopped();
  await using stores = await openStores(loaded, dependencies);
  const sessions = [stores.source.session, stores.target.session];
  const watch = { lease_ttl_ms: dependencies.lease_ttl_ms, signal: options.signal };
  return await whileStoresAnswer(sessions, loaded, watch, (watched) =>
    attemptOn(stores, loaded, dependencies, { ...options, ...watched }, startedAt),
  );
}

async function attemptOn(
  stores: OpenStores,
  loaded: LoadedSpec,
  dependencies: EtlDependencies,
  options: AttemptOptions & Watched,
  startedAt: number,
): Promise<EtlRunReport> {
  const { signal } = options;
  const now = dependencies.now ?? (() => new Date());
  const fault = async (place: FaultPlace): Promise<void> => {
    await dependencies.fault?.(place);
  };
  const { journal, locks } = stores.target.session;
  const records = new EtlRecords(journal, loaded.spec.name, now);
  const last = await records.run();
  options.progress.indexes_dropped = hasDropped(last);
  const prepared = await prepare(loaded, stores, { settled: fieldsToGoOnWith(last) });
  await using _scan = quietly(prepared);
  const checksum = await specChecksum(loaded);
  await journal.ensure();
  const ttl = dependencies.lease_ttl_ms;
  const lease = await holdSpec(locks, loaded.spec.name, 'etl run', {
    ttl_ms: ttl,
    // The lock of an attempt that lost its connection is this process's own: its lease has to end first.
    wait_ms: options.attempted ? (ttl ?? defaultLeaseMs) * 1.5 : dependencies.wait_ms,
    signal,
  });
  await using _lock = quietly(lease);
  options.holds(lease);
  const parts: Attempt = { ...options, loaded, dependencies, stores, prepared, records, lease, now, fault };
  try {
    return await underLock(parts, checksum, startedAt);
  } catch (error) {
    // The next attempt goes on at once, without the indexes.
    throw options.again(error) ? error : await indexesAfterFailure(error, parts);
  }
}

async function underLock(attempt: Attempt, checksum: string, startedAt: number): Promise<EtlRunReport> {
  const { loaded, stores, progress, emit } = attempt;
  const { engine, notes } = chooseEngine(attempt.dependencies.engine, attempt.prepared, loaded.spec);
  const begun = await beginRun({ ...attempt, checksum, engine });
  const names = { source: stores.source.session.server.product, target: stores.target.session.server.product };
  if (begun.alreadyDone) return alreadyDone(begun.run, names, startedAt);
  progress.begun = true;
  const isLoaded = begun.run.state === 'loaded';
  const { run, measured } = isLoaded ? { run: begun.run, measured: nothingMeasured } : await loadRows(begun, attempt, engine);
  const done = await concludeRun(run, attempt);
  const duration = performance.now() - startedAt;
  emit({ kind: 'finished', spec: loaded.spec.name, run_id: done.run_id, duration_ms: Math.round(duration) });
  return runReport(done, {
    outcome: 'done',
    resumed: begun.resumed,
    ...names,
    notes: isLoaded ? [] : notes,
    duration_ms: duration,
    measured,
  });
}

function alreadyDone(run: EtlRun, names: { source: string; target: string }, startedAt: number): EtlRunReport {
  return runReport(run, {
    outcome: 'already_done',
    resumed: false,
    ...names,
    notes: [
      `"${run.spec_name}" was loaded on ${run.finished_at}, and nothing was changed now. To load it again take it back first by \`polyshift etl rollback\`, or use the mode upsert.`,
    ],
    duration_ms: performance.now() - startedAt,
    measured: nothingMeasured,
  });
}
