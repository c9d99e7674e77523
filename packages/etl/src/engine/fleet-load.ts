import { type JsonValue, type Lease, type StoreSession, Throttle } from '@polyshift/core';
import { removeWhere } from '../dead-letters/dead-letter.ts';
import { LetterJournal } from '../dead-letters/letter-journal.ts';
import { lettersName } from '../dead-letters/open-letters.ts';
import type { EtlDependencies } from '../dependencies.ts';
import { EtlRecords, type EtlRun } from '../journal/records.ts';
import { RejectionLimit } from '../load/rejections.ts';
import { type WriteGates, writeGates } from '../load/write-rows.ts';
import { settledFields } from '../pipeline/begin-run.ts';
import { type Prepared, prepare } from '../pipeline/prepare.ts';
import { quietly } from '../pipeline/quietly.ts';
import { type ChunkContext, runChunk } from '../pipeline/run-chunk.ts';
import { Slots } from '../pipeline/slots.ts';
import { checkShapes, whyReadingFailed } from '../pipeline/source-shape.ts';
import { type OpenStores, openStores } from '../pipeline/stores.ts';
import { whileStoresAnswer } from '../pipeline/while-stores-answer.ts';
import { type OpenWriters, openWriters } from '../pipeline/writers.ts';
import { retryPolicy, stopped } from '../retry.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import { LossCounter } from '../transform/losses.ts';
import { holdChunk } from './chunk-lock.ts';
import { chunkOf, startOf } from './chunk-of.ts';
import type { LoadReference } from './engine.ts';
import { RunWatch } from './run-watch.ts';

/** How a worker runs a chunk. */
export interface ChunkOptions {
  /** Aborted when the worker is to stop: the chunk ends after the writes in flight, with STOPPED. */
  readonly signal: AbortSignal;
  /** Waits until so many more rows may be written: the limit of the whole fleet. */
  readonly pace?: ((rows: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Told the rows that were read. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

/** A load as a worker has it open: connected, with its rules compiled. Chunks of it may run side by side. */
export class FleetLoad implements AsyncDisposable {
  private readonly loaded: LoadedSpec;
  private readonly reference: LoadReference;
  private readonly dependencies: EtlDependencies;
  private readonly stores: OpenStores;
  private readonly prepared: Prepared;
  private writers: OpenWriters;
  /** Those that were opened before a chunk was taken over; other chunks may use them still. */
  private earlier: OpenWriters | undefined;
  private opening: Promise<void> | undefined;
  private readonly records: EtlRecords;
  private readonly run: EtlRun;
  private readonly watch: RunWatch;
  private readonly slots: Slots;
  private readonly gates: WriteGates;
  private readonly losses = new LossCounter();

  private constructor(parts: {
    loaded: LoadedSpec;
    reference: LoadReference;
    dependencies: EtlDependencies;
    stores: OpenStores;
    prepared: Prepared;
    writers: OpenWriters;
    records: EtlRecords;
    run: EtlRun;
  }) {
    this.loaded = parts.loaded;
    this.reference = parts.reference;
    this.dependencies = parts.dependencies;
    this.stores = parts.stores;
    this.prepared = parts.prepared;
    this.writers = parts.writers;
    this.records = parts.records;
    this.run = parts.run;
    this.watch = new RunWatch(parts.records, parts.stores.target.session.locks, parts.reference);
    this.slots = new Slots(parts.loaded.spec.concurrency);
    this.gates = writeGates(parts.prepared.targets);
  }

  /**
   * Connects to both stores, and makes the spec ready as the run has settled it, over what its scans share. Gives undefined where the run does not go on any more. Throws what {@link runEtl}
   * throws before it writes.
   */
  static async open(
    loaded: LoadedSpec,
    reference: LoadReference,
    dependencies: EtlDependencies,
    shared?: readonly JsonValue[],
  ): Promise<FleetLoad | undefined> {
    const stores = await openStores(loaded, dependencies);
    try {
      const records = new EtlRecords(stores.target.session.journal, loaded.spec.name, dependencies.now);
      const run = await records.run();
      if (run?.run_id !== reference.run_id || run.state !== 'running') {
        await stores[Symbol.asyncDispose]();
        return undefined;
      }
      const prepared = await prepare(loaded, stores, { settled: settledFields(run), shared });
      try {
        checkShapes(prepared, run);
        const writers = await openWriters(stores.target.sink, prepared.targets, run);
        return new FleetLoad({ loaded, reference, dependencies, stores, prepared, writers, records, run });
      } catch (error) {
        await quietly(prepared)[Symbol.asyncDispose]();
        throw error;
      }
    } catch (error) {
      await quietly(stores)[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Runs a chunk under its lock, from where the journal of the target says that it is. Gives `over` where nothing is left of it, or the run does not go on: the
   * queue can forget it. Throws LOCKED where another worker has it, LEASE_LOST where another has taken it over meanwhile, STOPPED, and what a load throws.
   */
  async runChunk(id: number, options: ChunkOptions): Promise<'done' | 'over'> {
    const { source, target } = this.stores;
    const sessions: StoreSession[] = [source.session, target.session];
    const { lease_ttl_ms } = this.dependencies;
    try {
      return await whileStoresAnswer(
        sessions,
        this.loaded,
        { lease_ttl_ms, signal: options.signal },
        async ({ signal, holds }) => {
          const either = AbortSignal.any([signal, this.watch.signal]);
          const lease = await holdChunk(target.session.locks, this.loaded.spec.name, id, {
            ttl_ms: lease_ttl_ms,
            signal: either,
          });
          holds(lease);
          await using _lock = quietly(lease);
          // Behind the lock: a run that begins now waits for it.
          await this.watch.look();
          return await this.underLock(id, lease, { ...options, signal: AbortSignal.any([either, lease.signal]) });
        },
      );
    } catch (error) {
      // Whatever broke off broke off because of it.
      if (this.watch.signal.aborted) return 'over';
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watch[Symbol.asyncDispose]();
    await quietly(this.writers)[Symbol.asyncDispose]();
    if (this.earlier) await quietly(this.earlier)[Symbol.asyncDispose]();
    await quietly(this.prepared)[Symbol.asyncDispose]();
    await quietly(this.stores)[Symbol.asyncDispose]();
  }

  private async underLock(id: number, lease: Lease, options: ChunkOptions): Promise<'done' | 'over'> {
    const { run, records, prepared } = this;
    if (this.watch.signal.aborted) return 'over';
    const partition = run.partitions.find((each) => each.id === id);
    if (!partition) return 'over';
    const progress = (await records.partition(run.run_id, id)) ?? startOf(run, id);
    if (progress.done) return 'over';
    if (progress.reserved > 0) {
      this.opening ??= this.openAgain();
      await this.opening;
    }
    const letters = new LetterJournal(records, lease.fence, id, lettersName(run.dead_letters));
    // Rows behind the checkpoint are read again: what was kept of them would be there twice.
    if (progress.reserved > 0) await removeWhere(letters, run.run_id, (letter) => letter.row >= progress.position);
    try {
      await runChunk(chunkOf(run, partition, progress), progress, this.context(lease, letters, options), options.signal);
      return 'done';
    } catch (error) {
      if (lease.signal.aborted) throw lease.signal.reason;
      throw await whyReadingFailed(prepared, run, error);
    }
  }

  /** Some stores make a target when the first row comes: opened before, it would be taken for one that is not there, and rows of another worker for missing. */
  private async openAgain(): Promise<void> {
    const writers = await openWriters(this.stores.target.sink, this.prepared.targets, this.run);
    [this.earlier, this.writers] = [this.writers, writers];
  }

  private context(lease: Lease, letters: LetterJournal, { signal, pace, onRows }: ChunkOptions): ChunkContext {
    const { loaded, dependencies, stores, run, reference } = this;
    const emit = dependencies.emit ?? (() => undefined);
    const guard = async (): Promise<void> => {
      await lease.guard();
      if (signal.aborted) throw stopped();
    };
    const uncounted = { add: () => undefined };
    return {
      prepared: this.prepared,
      writers: this.writers.all,
      gates: this.gates,
      lease,
      records: this.records,
      slots: this.slots,
      throttle: new Throttle({
        session: stores.target.session,
        given: dependencies.throttle,
        signal,
        guard,
        tell: (wait) => emit({ kind: 'throttled', ...wait }),
      }),
      pace: pace && ((rows) => pace(rows, signal)),
      letters,
      attempt: `${run.attempts}.${reference.token}.${lease.fence.token}`,
      // The process of the run judges the rows of all workers; this one its own chunk.
      limit: new RejectionLimit(loaded.spec.max_rejected, letters.name, 0, 0, reference.rows_total ?? undefined),
      losses: this.losses,
      clock: { extract_ms: 0, transform_ms: 0, load_ms: 0, writes: 0 },
      // How far the load is, the process of the run tells, from the journal.
      meters: { extract: onRows ? { add: onRows } : uncounted, transform: uncounted, load: uncounted },
      policy: retryPolicy(dependencies),
      emit,
      fault: async (place) => {
        await dependencies.fault?.(place);
      },
    };
  }
}
