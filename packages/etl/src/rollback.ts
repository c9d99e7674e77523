import { isPolyshiftError, type Lease, PolyshiftError } from '@polyshift/core';
import { takeLettersBack } from './dead-letters/open-letters.ts';
import type { EtlDependencies, FaultPlace } from './dependencies.ts';
import { endChunks } from './engine/chunk-lock.ts';
import type { EmitEtl } from './events.ts';
import { holdSpec } from './journal/hold-spec.ts';
import { EtlRecords, type EtlRun } from './journal/records.ts';
import { restoreIndexes } from './load/indexes.ts';
import { Meter } from './pipeline/meter.ts';
import { quietly } from './pipeline/quietly.ts';
import { rowsWritten } from './pipeline/rows-written.ts';
import { type OpenStores, openTarget } from './pipeline/stores.ts';
import { type Watched, whileStoresAnswer } from './pipeline/while-stores-answer.ts';
import { stopped } from './retry.ts';
import type { LoadedSpec } from './spec/load-spec.ts';
import { specError } from './spec/load-spec.ts';

/** What `etl rollback` did; the JSON output. */
export interface EtlRollbackReport {
  readonly spec: string;
  readonly run_id: string;
  readonly target: string;
  readonly collection: string;
  /** What the target was before the load, and is again; of the first target where there are several. */
  readonly before: 'absent' | 'empty' | 'filled';
  /** All targets, in the order of loading. */
  readonly targets: readonly {
    readonly collection: string;
    readonly before: 'absent' | 'empty' | 'filled';
    readonly rows_loaded: number;
  }[];
  /** Rows that the load had written into all targets. */
  readonly rows_loaded: number;
  /** Loads of the same spec before this one that are still in place; another rollback takes back the newest of them. */
  readonly earlier_loads: number;
  readonly duration_ms: number;
}

/**
 * Takes a load back exactly, also one that stopped part-way; a rollback that stopped goes on. Throws NO_RUN, SPEC_CHANGED where the spec
 * loads into another collection now, WRITTEN_SINCE before anything is changed, LOCKED, STOPPED, and CONNECTION_LOST also where a store answers
 * nothing any more.
 */
export async function rollbackEtl(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<EtlRollbackReport> {
  const startedAt = performance.now();
  const target = await openTarget(loaded, dependencies);
  await using _session = quietly(target.session);
  return await whileStoresAnswer([target.session], loaded, dependencies, (watched) =>
    rollbackOn(target, loaded, dependencies, watched, startedAt),
  );
}

async function rollbackOn(
  target: OpenStores['target'],
  loaded: LoadedSpec,
  dependencies: EtlDependencies,
  { signal, holds }: Watched,
  startedAt: number,
): Promise<EtlRollbackReport> {
  const now = dependencies.now ?? (() => new Date());
  const emit = dependencies.emit ?? (() => undefined);
  const fault = async (place: FaultPlace): Promise<void> => {
    await dependencies.fault?.(place);
  };
  const { journal, locks } = target.session;
  const records = new EtlRecords(journal, loaded.spec.name, now);
  if (!(await records.run())) throw noRun(loaded);
  const lease = await holdSpec(locks, loaded.spec.name, 'etl rollback', {
    ttl_ms: dependencies.lease_ttl_ms,
    wait_ms: dependencies.wait_ms,
    signal,
  });
  await using _lock = quietly(lease);
  holds(lease);
  const run = await records.run();
  if (!run || run.state === 'rolled_back') throw noRun(loaded);
  checkTargets(loaded, run);
  const ended = await takeLoadBack(run, { loaded, dependencies, target, records, lease, emit, now, fault, signal });
  return {
    spec: loaded.spec.name,
    run_id: run.run_id,
    target: target.session.server.product,
    collection: ended.targets[0]!.undo.collection,
    before: ended.targets[0]!.undo.before,
    targets: ended.targets.map(({ undo, rows_loaded }) => ({
      collection: undo.collection,
      before: undo.before,
      rows_loaded: rows_loaded ?? 0,
    })),
    rows_loaded: sum(ended.targets.map(({ rows_loaded }) => rows_loaded ?? 0)),
    earlier_loads: run.earlier.length,
    duration_ms: Math.round(performance.now() - startedAt),
  };
}

/** What taking a load back works with, under the lock of its spec. */
export interface TakeBackParts {
  readonly loaded: LoadedSpec;
  readonly dependencies: EtlDependencies;
  readonly target: OpenStores['target'];
  readonly records: EtlRecords;
  readonly lease: Lease;
  readonly emit: EmitEtl;
  readonly now: () => Date;
  readonly fault: (place: FaultPlace) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** Takes a run back, and gives it as it was at the last moment: with the rows that it had written. Throws what {@link rollbackEtl} throws. */
export async function takeLoadBack(begun: EtlRun, parts: TakeBackParts): Promise<EtlRun> {
  const { loaded, dependencies, target, records, lease, emit, now, fault, signal } = parts;
  let run = begun;
  if (run.state !== 'rolling_back') {
    const open = signal ?? new AbortController().signal;
    await endChunks(run, await records.partitions(run.run_id), target.session.locks, {
      ttl_ms: dependencies.lease_ttl_ms,
      signal: open,
    });
    const rows = await rowsWritten(run, { loaded, dependencies, records, signal });
    const targets = run.targets.map((each, index) => ({ ...each, rows_loaded: rows[index]!, rows_retried: 0 }));
    const { retrying: _settled, ...rest } = run;
    run = { ...rest, state: 'rolling_back', targets };
    await lease.guard();
    await records.putRun(run, lease.fence);
  }
  await fault('etl.rollback_recorded');
  const taken = run.targets.map(({ rows_loaded }) => rows_loaded ?? 0);
  const meter = new Meter('rollback', emit, sum(taken));
  const bringIndexesBack = () => restoreIndexes(run, (index) => run.targets[index]!.rows_before, { ...parts, sink: target.sink });
  try {
    // Tables that refer to others go before these.
    for (let index = run.targets.length - 1, before = 0; index >= 0; before += taken[index]!, index--) {
      for await (const progress of target.sink.rollback(run.targets[index]!.undo, taken[index]!)) {
        meter.add(Math.max(0, before + progress.rows_done - meter.count));
        await fault('etl.rollback_step');
        await lease.guard();
        if (signal?.aborted) throw stopped();
      }
    }
  } catch (error) {
    // Rows of others may keep the load where it is for long: not its indexes.
    if (isPolyshiftError(error, 'WRITTEN_SINCE')) await bringIndexesBack();
    throw error;
  }
  meter.tell();
  await fault('etl.rollback_undone');
  run = await bringIndexesBack();
  for (const { undo } of run.targets) await target.sink.discard(undo);
  await fault('etl.rollback_discarded');
  await takeLettersBack(loaded, target, run.dead_letters, run.run_id);
  await lease.guard();
  if (run.chunk_locks) await records.deleteLetters((await records.letters()).keys(), lease.fence);
  await records.deletePartitions(lease.fence);
  await records.putRun(afterRollback(run, now()), lease.fence);
  await fault('etl.rollback_done');
  return run;
}

function sum(rows: readonly number[]): number {
  return rows.reduce((total, each) => total + each, 0);
}

function checkTargets(loaded: LoadedSpec, run: EtlRun): void {
  const tables = new Set(loaded.flows.flatMap(({ branches }) => branches.map(({ target_table }) => target_table)));
  const missing = run.targets.find(({ undo }) => !tables.has(undo.collection))?.undo.collection;
  if (missing === undefined) return;
  throw specError(
    loaded,
    [...loaded.flows[0]!.branches[0]!.place, 'target_table'],
    'SPEC_CHANGED',
    `the run loaded into "${missing}"`,
    {
      hint: `Write ${missing} as target_table to take that load back.`,
    },
  );
}

/** The record after a rollback: the load before, where there was one. */
function afterRollback(run: EtlRun, at: Date): EtlRun {
  const earlier = run.earlier.at(-1);
  if (!earlier) {
    const targets = run.targets.map((target) => ({ ...target, rows_loaded: 0 }));
    return { ...run, state: 'rolled_back', finished_at: at.toISOString(), targets };
  }
  // What its checks found is not kept: they passed.
  const { checks: _checks, ...rest } = run;
  return { ...rest, ...earlier, state: 'done', losses: [], partitions: [], earlier: run.earlier.slice(0, -1) };
}

/** The error where the target holds no run of the spec. */
export function noRun(loaded: LoadedSpec): PolyshiftError {
  return new PolyshiftError('NO_RUN', `the target holds no run of "${loaded.spec.name}"`, {
    hint: 'Runs are kept in the target store under the name of the spec; check both.',
  });
}
