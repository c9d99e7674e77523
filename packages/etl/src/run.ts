import { isPolyshiftError, Lease, PolyshiftError } from '@polyshift/core';
import { removeWhere } from './dead-letters/dead-letter.ts';
import { lettersName, openLetters } from './dead-letters/open-letters.ts';
import type { EtlDependencies, FaultPlace } from './dependencies.ts';
import type { Chunk } from './engine/engine.ts';
import { localEngine } from './engine/local.ts';
import type { EmitEtl } from './events.ts';
import { allTargets, countsOf, EtlRecords, type EtlRun, lockName, noCounts, type PartitionProgress } from './journal/records.ts';
import { addForeignKeys } from './load/foreign-keys.ts';
import { RejectionLimit } from './load/rejections.ts';
import { rowsLoadedAtEnd } from './load/rows-loaded.ts';
import { writeGates } from './load/write-rows.ts';
import { beginRun, fieldsToGoOnWith } from './pipeline/begin-run.ts';
import { Meter } from './pipeline/meter.ts';
import { type Prepared, prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { type ChunkContext, runChunk } from './pipeline/run-chunk.ts';
import { Slots } from './pipeline/slots.ts';
import { checkSourcesAgain, whyReadingFailed } from './pipeline/source-shape.ts';
import { type OpenStores, openStores } from './pipeline/stores.ts';
import { openWriters } from './pipeline/writers.ts';
import { type EtlRunReport, runReport, totalsOf } from './report/run-report.ts';
import { pause, pauseBefore, type RetryPolicy, stopped } from './retry.ts';
import type { LoadedSpec } from './spec/load-spec.ts';
import { specChecksum } from './spec/spec-checksum.ts';
import { LossCounter } from './transform/losses.ts';

/**
 * Runs a spec: loads everything, or goes on where an earlier run stopped. A connection that is lost is made anew, with growing pauses, as
 * long as tries are left. Throws what is wrong with the spec before anything is written; later CONNECTION_LOST or STOPPED (both
 * resumable), SOURCE_CHANGED, ROW_REJECTED, LOSS_REFUSED, LOCKED, LEASE_LOST.
 */
export async function runEtl(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<EtlRunReport> {
  const emit = dependencies.emit ?? (() => undefined);
  const policy: RetryPolicy = { retries: dependencies.retries ?? 5, pause_ms: dependencies.retry_pause_ms ?? 200 };
  const signal = dependencies.signal ?? new AbortController().signal;
  let tries = 0;
  let attempted = false;
  for (;;) {
    const progress = { begun: false, rows: 0 };
    try {
      return await attempt(loaded, dependencies, { emit, policy, signal, again: attempted, progress });
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

interface Attempt {
  readonly emit: EmitEtl;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Whether an attempt of this process may still hold the lock. */
  readonly again: boolean;
  /** Told to the caller also when the attempt fails. */
  readonly progress: { begun: boolean; rows: number };
}

async function attempt(loaded: LoadedSpec, dependencies: EtlDependencies, options: Attempt): Promise<EtlRunReport> {
  const { signal } = options;
  const startedAt = performance.now();
  const now = dependencies.now ?? (() => new Date());
  const fault = async (place: FaultPlace): Promise<void> => {
    await dependencies.fault?.(place);
  };
  if (signal.aborted) throw stopped();
  await using stores = await openStores(loaded, dependencies);
  const { journal, locks } = stores.target.session;
  const records = new EtlRecords(journal, loaded.spec.name, now);
  const prepared = await prepare(loaded, stores, { settled: fieldsToGoOnWith(await records.run()) });
  await using _scan = quietly(prepared);
  const checksum = await specChecksum(loaded);
  await journal.ensure();
  const ttl = dependencies.lease_ttl_ms;
  const lease = await Lease.acquire(locks, lockName(loaded.spec.name), {
    command: `etl run ${loaded.spec.name}`,
    ttl_ms: ttl,
    // The lock of an attempt that lost its connection is this process's own: its lease has to end first.
    wait_ms: options.again ? (ttl ?? 30_000) * 1.5 : dependencies.wait_ms,
    signal,
  }).catch((error: unknown) => {
    throw signal.aborted ? stopped() : error;
  });
  await using _lock = quietly(lease);
  const begun = await beginRun({ loaded, checksum, stores, prepared, records, lease, now, fault });
  const names = { source: stores.source.session.server.product, target: stores.target.session.server.product };
  if (begun.alreadyDone) return alreadyDone(begun.run, names, startedAt);
  options.progress.begun = true;
  return await load(begun, { loaded, dependencies, options, stores, prepared, lease, records, fault, now, names, startedAt });
}

async function load(
  begun: Awaited<ReturnType<typeof beginRun>>,
  parts: {
    loaded: LoadedSpec;
    dependencies: EtlDependencies;
    options: Attempt;
    stores: OpenStores;
    prepared: Prepared;
    lease: Lease;
    records: EtlRecords;
    fault: (place: FaultPlace) => Promise<void>;
    now: () => Date;
    names: { source: string; target: string };
    startedAt: number;
  },
): Promise<EtlRunReport> {
  const { loaded, dependencies, options, stores, prepared, lease, records, fault, now, names, startedAt } = parts;
  const { run, resumed, partitions } = begun;
  const { emit } = options;
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
  const writers = await openWriters(stores.target.sink, prepared.targets, run);
  await using _writers = quietly(writers);
  const letters = await openLetters(loaded, stores.target, run.dead_letters);
  await using _letters = quietly(letters);
  // Rows behind the checkpoints are read again: what is kept of them would be there twice.
  if (resumed) {
    await removeWhere(letters, run.run_id, (letter) => letter.row >= (partitions.get(letter.partition)?.position ?? 0));
  }
  await fault('etl.after_open');
  const losses = new LossCounter();
  for (const progress of partitions.values()) losses.add(progress.losses);
  const limit = new RejectionLimit(
    loaded.spec.max_rejected,
    lettersName(run.dead_letters),
    before.rejected,
    before.rows_read,
    total,
  );
  const meters = {
    extract: new Meter('extract', emit, total, before.rows_read),
    transform: new Meter('transform', emit, total, before.rows_transformed),
    load: new Meter('load', emit, total, writtenBefore.inserted + writtenBefore.replaced + writtenBefore.already_there),
  };
  const context: ChunkContext = {
    prepared,
    writers: writers.all,
    gates: writeGates(prepared.targets),
    lease,
    records,
    slots: new Slots(loaded.spec.concurrency),
    letters,
    attempt: run.attempts,
    limit,
    losses,
    clock: { extract_ms: 0, transform_ms: 0, load_ms: 0, writes: 0 },
    meters,
    policy: options.policy,
    emit,
    fault,
  };
  const progressOf = (partition: number): PartitionProgress => partitions.get(partition) ?? startOf(run, partition);
  const chunks = run.partitions
    .filter((each) => !progressOf(each.id).done)
    .map((each): Chunk => chunkOf(run, each, progressOf(each.id)));
  const engine = dependencies.engine ?? localEngine(loaded.spec.partitions);
  const signal = AbortSignal.any([options.signal, lease.signal]);
  try {
    await engine.run(chunks, (chunk, abort) => runChunk(chunk, progressOf(chunk.id), context, abort), signal);
  } catch (error) {
    // A lease that was lost aborts the chunks: that, and not the abort, is why.
    if (lease.signal.aborted) throw lease.signal.reason;
    throw await whyReadingFailed(prepared, run, error);
  } finally {
    options.progress.rows = meters.load.count;
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
  const done: EtlRun = {
    ...run,
    state: 'done',
    finished_at: now().toISOString(),
    totals,
    losses: allLosses.list(),
    targets: await Promise.all(
      run.targets.map(async (target, index) => ({
        ...target,
        rows_loaded: await rowsLoadedAtEnd(stores.target.session, prepared.targets[index]!, countsOf(totals, index), {
          attempts: run.attempts,
          before: target.undo.before,
        }),
      })),
    ),
  };
  await lease.guard();
  await records.putRun(done, lease.fence);
  await fault('etl.after_done');
  for (const meter of Object.values(meters)) meter.tell();
  const duration = performance.now() - startedAt;
  emit({ kind: 'finished', spec: loaded.spec.name, run_id: run.run_id, duration_ms: Math.round(duration) });
  return runReport(done, totals, {
    outcome: 'done',
    resumed,
    ...names,
    losses: done.losses,
    notes: [],
    duration_ms: duration,
    rows: { extract: meters.extract.count, transform: meters.transform.count, load: meters.load.count },
    clock: context.clock,
  });
}

/** Rows that will come, from statistics or counted; searches for orphans are left out. */
async function expectedRows({ flows }: Prepared): Promise<number> {
  let rows = 0;
  for (const { scan, looksForOrphans } of flows) {
    if (!looksForOrphans) rows += scan.description.approximate_count ?? (await scan.count());
  }
  return rows;
}

function startOf(run: EtlRun, partition: number): PartitionProgress {
  return { run_id: run.run_id, partition, last_key: null, position: 0, counts: noCounts, losses: [], reserved: 0, done: false };
}

function chunkOf(run: EtlRun, { id, flow, part }: EtlRun['partitions'][number], progress: PartitionProgress): Chunk {
  return {
    spec_name: run.spec_name,
    spec_checksum: run.spec_checksum,
    run_id: run.run_id,
    id,
    flow,
    partition: part,
    after: progress.last_key,
    rows_before: progress.position,
    replay_through: progress.reserved,
  };
}

function alreadyDone(run: EtlRun, names: { source: string; target: string }, startedAt: number): EtlRunReport {
  return runReport(run, run.totals ?? noCounts, {
    outcome: 'already_done',
    resumed: false,
    ...names,
    losses: run.losses,
    notes: [
      `"${run.spec_name}" was loaded on ${run.finished_at}, and nothing was changed now. To load it again take it back first by \`polyshift etl rollback\`, or use the mode upsert.`,
    ],
    duration_ms: performance.now() - startedAt,
    rows: { extract: 0, transform: 0, load: 0 },
    clock: { extract_ms: 0, transform_ms: 0, load_ms: 0, writes: 0 },
  });
}
