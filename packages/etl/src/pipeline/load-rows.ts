import { Throttle } from '@polyshift/core';
import { removeWhere } from '../dead-letters/dead-letter.ts';
import { gatherLetters } from '../dead-letters/letter-journal.ts';
import { lettersName, openLetters } from '../dead-letters/open-letters.ts';
import { chunkOf, startOf } from '../engine/chunk-of.ts';
import { endFleet } from '../engine/end-fleet.ts';
import type { Chunk, Engine } from '../engine/engine.ts';
import { fleetWatch } from '../engine/fleet-watch.ts';
import { allTargets, countsOf, type EtlRun, type PartitionProgress } from '../journal/records.ts';
import { addForeignKeys } from '../load/foreign-keys.ts';
import { dropIndexes } from '../load/indexes.ts';
import { RejectionLimit } from '../load/rejections.ts';
import { rowsLoadedAtEnd } from '../load/rows-loaded.ts';
import { writeGates } from '../load/write-rows.ts';
import { type Measured, totalsOf } from '../report/run-report.ts';
import { stopped } from '../retry.ts';
import { LossCounter } from '../transform/losses.ts';
import type { Attempt } from './attempt.ts';
import type { BegunRun } from './begin-run.ts';
import { Meter } from './meter.ts';
import { type Prepared, writeRowsOf } from './prepare.ts';
import { quietly } from './quietly.ts';
import { type ChunkContext, runChunk } from './run-chunk.ts';
import { Slots } from './slots.ts';
import { checkSourcesAgain, whyReadingFailed } from './source-shape.ts';
import { Splitter } from './splitter.ts';
import { openWriters } from './writers.ts';

/** A run whose rows are all loaded, and what was measured. */
export interface LoadedRows {
  readonly run: EtlRun;
  readonly measured: Measured;
}

/** Loads all rows that are not loaded yet, and gives the run as it is then; it is not recorded. Throws what {@link runEtl} throws. */
export async function loadRows(
  { run: begun, resumed, partitions }: BegunRun,
  attempt: Attempt,
  engine: Engine,
): Promise<LoadedRows> {
  let run = begun;
  const { loaded, dependencies, stores, prepared, lease, records, fault, now, emit } = attempt;
  const before = totalsOf(partitions.values());
  const writtenBefore = allTargets(before);
  const total = await expectedRows(prepared);
  emit({
    kind: 'run_started',
    spec: loaded.spec.name,
    run_id: run.run_id,
    resumed,
    partitions: run.partitions.length,
    rows_total: total,
  });
  const writers = await openWriters(stores.target.sink, prepared.targets, run, engine.locks === 'run');
  await using _writers = quietly(writers);
  const letters = await openLetters(loaded, stores.target, run.dead_letters);
  await using _letters = quietly(letters);
  // Rows behind the checkpoints are read again: what is kept of them would be there twice.
  if (resumed) {
    if (run.chunk_locks) await gatherLetters(records, lease.fence, letters, run.run_id);
    await removeWhere(letters, run.run_id, (letter) => letter.row >= (partitions.get(letter.partition)?.position ?? 0));
  }
  await fault('etl.after_open');
  const signal = AbortSignal.any([attempt.signal, lease.signal]);
  if (run.partitions.some(({ id }) => !partitions.get(id)?.done)) {
    run = await dropIndexes(run, prepared.targets, { ...attempt, sink: stores.target.sink, signal }, () => {
      attempt.progress.indexes_dropped = true;
    });
  }
  const losses = new LossCounter();
  for (const progress of partitions.values()) losses.add(progress.losses);
  const limit = new RejectionLimit(
    loaded.spec.max_rejected,
    lettersName(run.dead_letters),
    before.rejected,
    before.rows_read,
    total,
  );
  // Workers elsewhere find sizes of their own.
  let writeRows = (): readonly number[] => writeRowsOf(prepared);
  const meters = {
    extract: new Meter('extract', emit, total, before.rows_read),
    transform: new Meter('transform', emit, total, before.rows_transformed),
    load: new Meter(
      'load',
      emit,
      total,
      writtenBefore.inserted + writtenBefore.replaced + writtenBefore.already_there,
      () => writeRows()[0],
    ),
  };
  const throttle = new Throttle({
    session: stores.target.session,
    given: dependencies.throttle,
    signal,
    guard: async () => {
      await lease.guard();
      if (signal.aborted) throw stopped();
    },
    tell: (wait) => emit({ kind: 'throttled', ...wait }),
  });
  const context: ChunkContext = {
    prepared,
    writers: writers.all,
    gates: writeGates(prepared.targets),
    lease,
    records,
    slots: new Slots(loaded.spec.concurrency),
    throttle,
    letters,
    attempt: String(run.attempts),
    limit,
    losses,
    clock: { extract_ms: 0, transform_ms: 0, load_ms: 0, writes: 0 },
    meters,
    policy: attempt.policy,
    emit,
    fault,
  };
  const progressOf = (partition: number): PartitionProgress => partitions.get(partition) ?? startOf(run, partition);
  const chunks = run.partitions
    .filter((each) => !progressOf(each.id).done)
    .map((each): Chunk => chunkOf(run, each, progressOf(each.id)));
  const elsewhere = engine.locks === 'chunk';
  if (elsewhere && !run.chunk_locks) {
    run = { ...run, chunk_locks: true };
    await lease.guard();
    await records.putRun(run, lease.fence);
  }
  const chosen = run;
  const splitter = new Splitter({
    prepared,
    records,
    lease,
    fault,
    run: () => run,
    recorded: (cut) => {
      run = cut;
    },
  });
  const open = fleetWatch(run, {
    records,
    before,
    meters,
    limit,
    losses,
    writeRows: (rows) => {
      writeRows = () => rows;
    },
    emit,
  });
  try {
    await engine.run({
      chunks,
      signal,
      work: (chunk, abort) =>
        splitter.during(chunk, (opened) =>
          runChunk(chunk, progressOf(chunk.id), { ...context, read: (options) => opened.read(options) }, abort),
        ),
      split: () => splitter.split(),
      reference: {
        spec_name: run.spec_name,
        spec_checksum: run.spec_checksum,
        run_id: run.run_id,
        token: lease.fence.token,
        rows_total: total,
      },
      open,
      tell: (state) => emit({ kind: 'fleet', ...state, total: run.partitions.length }),
      told: emit,
      shared: () => prepared.flows.map(({ scan }) => scan.share?.() ?? null),
      retried: (error, again, pause_ms) => emit({ kind: 'retry', error, attempt: again, pause_ms, reconnect: true }),
    });
    if (elsewhere) await gatherLetters(records, lease.fence, letters, run.run_id);
  } catch (error) {
    // A lease that was lost aborts the chunks: that, and not the abort, is why.
    if (lease.signal.aborted) throw lease.signal.reason;
    if (elsewhere) {
      await endFleet(chosen, { records, lease, locks: stores.target.session.locks, letters, ttl_ms: dependencies.lease_ttl_ms });
      throw attempt.signal.aborted ? stopped() : error;
    }
    throw await whyReadingFailed(prepared, run, error);
  } finally {
    attempt.progress.rows = meters.load.count;
  }
  limit.finish();
  await checkSourcesAgain(prepared, run);
  await fault('etl.before_finish');
  await lease.guard();
  for (const writer of writers.all) await writer.finish();
  await addForeignKeys(stores.target.session, prepared.targets, (target) => run.targets[target]!.undo.before === 'absent', {
    runId: run.run_id,
    aside: run.targets[0]!.undo.aside,
    lease,
    signal,
  });
  await fault('etl.after_finish');
  const ended = [...(await records.partitions(run.run_id)).values()];
  const totals = totalsOf(ended);
  const allLosses = new LossCounter();
  for (const progress of ended) allLosses.add(progress.losses);
  for (const meter of Object.values(meters)) meter.tell();
  return {
    run: {
      ...run,
      finished_at: now().toISOString(),
      totals,
      losses: allLosses.list(),
      targets: await Promise.all(
        run.targets.map(async (target, index) => ({
          ...target,
          rows_loaded: await rowsLoadedAtEnd(stores.target.session, prepared.targets[index]!, countsOf(totals, index), {
            // Workers may have begun a chunk again without a new attempt of the run.
            attempts: run.chunk_locks ? Math.max(2, run.attempts) : run.attempts,
            before: target.undo.before,
          }),
        })),
      ),
    },
    measured: {
      rows: { extract: meters.extract.count, transform: meters.transform.count, load: meters.load.count },
      clock: elsewhere ? null : context.clock,
      writeRows: writeRows(),
    },
  };
}

/** Rows that will come, from statistics or counted; searches for orphans are left out. */
async function expectedRows({ flows }: Prepared): Promise<number> {
  let rows = 0;
  for (const { scan, looksForOrphans } of flows) {
    if (!looksForOrphans) rows += scan.description.approximate_count ?? (await scan.count());
  }
  return rows;
}
