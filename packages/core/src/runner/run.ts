import { randomUUID } from 'node:crypto';
import type { StoreSession } from '../adapter/adapter.ts';
import { type HistoryRecord, journalFormat, type RunRecord, type StepRecord } from '../adapter/journal-store.ts';
import type { Fence } from '../adapter/run-context.ts';
import { isPolyshiftError, PolyshiftError } from '../errors/polyshift-error.ts';
import { History } from '../journal/history.ts';
import { defaultLeaseMs, Lease } from '../journal/lease.ts';
import { stepKey } from '../journal/step-key.ts';
import { whileAnswering } from '../journal/while-answering.ts';
import type { RunEvent } from './events.ts';
import type { RunnerOptions } from './runner-options.ts';

/** The name of the lock that every run over a store holds. */
export const migrationLock = 'migrations';

/** How a run is kept in the journal. */
export interface HoldOptions {
  /** Whether the run is noted for good. Default true; false for one of many that come round after round. */
  readonly noted?: boolean;
}

/** What the watch of a run is told by the run. */
interface Held {
  lease?: Lease;
  /** Why the work has ended. */
  failure?: unknown;
}

/** One run of a command that writes: it holds the lock, names itself in the journal, and fences every write. */
export class Run implements AsyncDisposable {
  readonly id = randomUUID();
  readonly session: StoreSession;
  readonly options: RunnerOptions;
  readonly signal: AbortSignal;
  history: History;
  private readonly lease: Lease;
  private readonly noted: boolean;
  private record: RunRecord;

  private constructor(options: RunnerOptions, lease: Lease, history: History, command: string, noted: boolean) {
    this.noted = noted;
    this.options = options;
    this.session = options.session;
    this.lease = lease;
    this.history = history;
    this.signal = options.signal ? AbortSignal.any([lease.signal, options.signal]) : lease.signal;
    this.record = {
      run_id: this.id,
      command,
      versions: [],
      started_at: new Date().toISOString(),
      ended_at: null,
      outcome: 'running',
      holder: lease.holder,
      format: journalFormat,
    };
  }

  /**
   * Runs `work` under the lock. The journal is created where it is missing. Throws LOCKED where another run holds the lock, and CONNECTION_LOST
   * when the store has not answered, or not taken a heartbeat, for as long as the lock outlives a dead run.
   */
  static async hold<Result>(
    options: RunnerOptions,
    command: string,
    work: (run: Run) => Promise<Result>,
    { noted = true }: HoldOptions = {},
  ): Promise<Result> {
    const held: Held = {};
    // A store may go on answering to reads and let every write wait: for room on its disk, or for the end of a backup.
    const ask = () => Promise.all([options.session.locks.read(migrationLock), held.lease?.beat()]);
    const watch = { ask, limit_ms: options.lease_ttl_ms ?? defaultLeaseMs, signal: options.signal };
    try {
      return await whileAnswering(watch, (signal) => Run.holdLock({ ...options, signal }, command, work, held, noted));
    } catch (error) {
      // What ended the work says more than that its end could not be noted.
      throw held.failure ?? error;
    }
  }

  private static async holdLock<Result>(
    options: RunnerOptions,
    command: string,
    work: (run: Run) => Promise<Result>,
    held: Held,
    noted: boolean,
  ): Promise<Result> {
    const { session } = options;
    await History.read(session.journal);
    await session.journal.ensure();
    const lease = await Lease.acquire(session.locks, migrationLock, {
      command,
      ttl_ms: options.lease_ttl_ms,
      wait_ms: options.wait_ms,
      signal: options.signal,
    }).catch(stoppedWhileWaiting(options.signal));
    held.lease = lease;
    await using run = new Run(options, lease, await History.read(session.journal).catch(releaseAndThrow(lease)), command, noted);
    try {
      await run.putRecord({});
      const result = await work(run);
      await run.putRecord({ outcome: 'done', ended_at: new Date().toISOString() });
      return result;
    } catch (error) {
      held.failure = error;
      const stopped = isPolyshiftError(error) && error.exit === 5;
      // The error that ended the run matters more than one of noting its end; a lost lease may not write at all.
      await run.putRecord({ outcome: stopped ? 'stopped' : 'failed', ended_at: new Date().toISOString() }).catch(() => undefined);
      throw error;
    }
  }

  get fence(): Fence {
    return this.lease.fence;
  }

  emit(event: RunEvent): void {
    this.options.emit?.(event);
  }

  /** To be awaited before each write. Throws LEASE_LOST, or STOPPED where the run was asked to stop. */
  async guard(): Promise<void> {
    await this.lease.guard();
    if (this.options.signal?.aborted) throw stoppedError();
  }

  /** A named place between two writes: for the crash harness, and to find out whether the second one may still be made. Throws LEASE_LOST. */
  async fault(place: string): Promise<void> {
    await this.options.fault?.(place);
    await this.lease.guard();
  }

  /** Takes the record of a version out of the history, fenced. */
  async deleteHistory(version: string): Promise<void> {
    await this.session.journal.delete('history', version, this.fence);
    this.history = this.history.with(version, undefined);
    await this.fault('history.deleted');
  }

  /** Writes the record of a migration, fenced. */
  async putHistory(record: HistoryRecord): Promise<void> {
    await this.session.journal.put('history', record.version, record, this.fence);
    this.history = this.history.with(record.version, record);
    await this.fault(`history.${record.state}`);
  }

  /** Writes the record of a step, fenced. */
  async putStep(record: StepRecord): Promise<void> {
    await this.session.journal.put('step', stepKey(record.version, record.index), record, this.fence);
    await this.fault(`step.${record.state}`);
  }

  /** Notes in the run's record that it works on a version. */
  async begin(version: string): Promise<void> {
    await this.putRecord({ versions: [...new Set([...this.record.versions, version])] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lease.release().catch(() => undefined);
  }

  private async putRecord(change: Partial<RunRecord>): Promise<void> {
    this.record = { ...this.record, ...change };
    if (!this.noted) return;
    await this.session.journal.put('run', this.record.run_id, this.record, this.fence);
  }
}

/** The error of a run that was asked to stop. */
export function stoppedError(): PolyshiftError {
  return new PolyshiftError('STOPPED', 'the run was stopped after its last batch', {
    hint: 'Run the same command again: it resumes where it stopped.',
  });
}

/** A wait that was ended on request is a stop, not a failure. */
function stoppedWhileWaiting(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    throw signal?.aborted ? stoppedError() : error;
  };
}

function releaseAndThrow(lease: Lease): (error: unknown) => Promise<never> {
  return async (error) => {
    await lease.release().catch(() => undefined);
    throw error;
  };
}
