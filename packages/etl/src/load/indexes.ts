import { type KeptIndex, type Lease, PolyshiftError, type RunContext, type Sink } from '@polyshift/core';
import type { FaultPlace } from '../dependencies.ts';
import type { EmitEtl } from '../events.ts';
import type { EtlRecords, EtlRun, RunTarget } from '../journal/records.ts';
import { stopped } from '../retry.ts';
import type { PreparedTarget } from './targets.ts';

/** What dropping indexes and building them again works with, under the lock of the spec. */
export interface IndexParts {
  readonly sink: Sink;
  readonly records: EtlRecords;
  readonly lease: Lease;
  readonly emit: EmitEtl;
  readonly fault: (place: FaultPlace) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** Whether indexes of a run may not be there. */
export function hasDropped(run: Pick<EtlRun, 'targets'> | undefined): boolean {
  return run?.targets.some(({ indexes }) => indexes?.state === 'dropped') ?? false;
}

/**
 * Drops the indexes of targets whose load asks for that, with all of them recorded before, and gives the run with that record. Idempotent: a run that
 * goes on drops those that its last attempt has left, or has built again after it failed. `onRecorded` is called before the record is written.
 */
export async function dropIndexes(
  begun: EtlRun,
  targets: readonly PreparedTarget[],
  parts: IndexParts,
  onRecorded: () => void,
): Promise<EtlRun> {
  const { sink, records, lease, fault } = parts;
  let run = begun;
  const planned = await Promise.all(run.targets.map((target, index) => withIndexes(sink, target, targets[index]!)));
  if (planned.some((target, index) => target !== run.targets[index])) {
    run = { ...run, targets: planned };
    onRecorded();
    await lease.guard();
    await records.putRun(run, lease.fence);
  }
  await fault('etl.indexes_recorded');
  for (const [position, { undo, indexes }] of run.targets.entries()) {
    if (indexes?.state !== 'dropped' || !targets[position]!.rebuildsIndexes) continue;
    for (const index of indexes.kept.toReversed()) {
      await lease.guard();
      await sink.indexes!.drop(undo, index, contextOf(run, parts));
      await fault('etl.index_dropped');
    }
  }
  return run;
}

/** A target with the indexes that are to be dropped; as it is where they are recorded already, or there are none. */
async function withIndexes(sink: Sink, target: RunTarget, prepared: PreparedTarget): Promise<RunTarget> {
  const { undo, indexes } = target;
  if (!sink.indexes || !prepared.rebuildsIndexes || undo.before === 'absent' || indexes?.state === 'dropped') return target;
  const { dropped } = await sink.indexes.plan(prepared.sinkTarget(undo.aside));
  return dropped.length === 0 ? target : { ...target, indexes: { kept: dropped, state: 'dropped' } };
}

/**
 * Builds the dropped indexes of a run again, each as it was, and gives the run with that recorded. Idempotent. `rowsOf` says about how many rows a target
 * has. Throws STOPPED between two of them, and ALREADY_EXISTS where another index has the name of one.
 */
export async function restoreIndexes(begun: EtlRun, rowsOf: (target: number) => number, parts: IndexParts): Promise<EtlRun> {
  const { sink, records, lease, fault, signal } = parts;
  if (!hasDropped(begun)) return begun;
  for (const [position, { undo, indexes }] of begun.targets.entries()) {
    if (indexes?.state !== 'dropped') continue;
    for (const index of indexes.kept) {
      if (signal?.aborted) throw stopped();
      await fault('etl.index_building');
      await lease.guard();
      await told(index, rowsOf(position), parts.emit, () => sink.indexes!.build(undo, index, contextOf(begun, parts)));
      await fault('etl.index_built');
    }
  }
  const missing = await missingIndexes(sink, begun.targets);
  if (missing.length > 0) throw gone(missing);
  const targets = begun.targets.map((target) =>
    target.indexes ? { ...target, indexes: { ...target.indexes, state: 'restored' as const } } : target,
  );
  const run = { ...begun, targets };
  await lease.guard();
  await records.putRun(run, lease.fence);
  await fault('etl.indexes_restored');
  return run;
}

/** Indexes of one collection that were dropped for a load and are not there again. */
export interface MissingIndexes {
  readonly collection: string;
  readonly names: readonly string[];
}

/** Indexes that were dropped for a load and are not there again, by the collections of their targets. Reads only. */
export async function missingIndexes(sink: Sink | undefined, targets: readonly RunTarget[]): Promise<MissingIndexes[]> {
  const found: MissingIndexes[] = [];
  for (const { undo, indexes } of targets) {
    if (indexes?.state !== 'dropped') continue;
    const names = (await sink?.indexes?.missing(undo, indexes.kept)) ?? [];
    if (names.length > 0) found.push({ collection: undo.collection, names });
  }
  return found;
}

async function told(index: KeptIndex, rows: number, emit: EmitEtl, build: () => Promise<void>): Promise<void> {
  const step = `index ${index.name}` as const;
  const startedAt = performance.now();
  emit({ kind: 'progress', step, rows_done: 0, rows_total: rows, rate: 0, eta_seconds: undefined });
  await build();
  const seconds = (performance.now() - startedAt) / 1000;
  emit({ kind: 'progress', step, rows_done: rows, rows_total: rows, rate: seconds > 0 ? rows / seconds : 0, eta_seconds: 0 });
}

function contextOf(run: EtlRun, { lease, signal }: IndexParts): RunContext {
  const { aside } = run.targets[0]!.undo;
  return {
    run_id: run.run_id,
    version: aside,
    step: 0,
    aside,
    fence: lease.fence,
    signal: signal ?? lease.signal,
    checkpoint: undefined,
    save: async () => undefined,
    guard: () => lease.guard(),
    fault: async () => undefined,
  };
}

/** `by_mail, by_age of users; by_day of orders`; empty where none are missing. */
export function missingText(missing: readonly MissingIndexes[]): string {
  return missing.map(({ collection, names }) => `${names.join(', ')} of ${collection}`).join('; ');
}

function gone(missing: readonly MissingIndexes[]): PolyshiftError {
  return new PolyshiftError('CHECK_FAILED', `indexes were dropped again while the load built them: ${missingText(missing)}`, {
    hint: 'Somebody else changes the indexes of the target. Run the same command again.',
  });
}
