import type { OperationHandler } from '../adapter/handler.ts';
import { journalFormat, type StepRecord } from '../adapter/journal-store.ts';
import type { KeptAside } from '../adapter/kept-aside.ts';
import type { Progress, RunContext } from '../adapter/run-context.ts';
import type { Check } from '../checks/check.ts';
import { isPolyshiftError } from '../errors/polyshift-error.ts';
import { pause } from '../journal/pause.ts';
import { asideOf } from '../journal/step-key.ts';
import type { Operation } from '../operation/registry.ts';
import { Throttle } from '../throttle/throttle.ts';
import type { JsonObject } from '../value/json.ts';
import type { StepName } from './events.ts';
import { handlerOf } from './handlers.ts';
import { readProof } from './read-proof.ts';
import { refuseFailed } from './refuse-failed.ts';
import { isRetryable, retryPause } from './retry.ts';
import type { Run } from './run.ts';
import { givenThrottle } from './runner-options.ts';

/** Drives one operation of one migration through its handler, and keeps its record in the journal. */
export class Step {
  readonly name: StepName;
  private readonly run: Run;
  private readonly operation: Operation;
  private readonly handler: OperationHandler;
  private record: StepRecord | undefined;
  private readonly throttle: Throttle;
  private pauseIsDue = false;

  constructor(run: Run, name: StepName, operation: Operation, record: StepRecord | undefined) {
    this.run = run;
    this.name = name;
    this.operation = operation;
    this.handler = handlerOf(run.session, operation);
    this.record = record;
    this.throttle = new Throttle({
      session: run.session,
      given: givenThrottle(run.options),
      signal: run.signal,
      guard: () => run.guard(),
      tell: (wait) => run.emit({ kind: 'throttled', step: name, direction: this.direction, ...wait }),
    });
  }

  /** Rows that the step has dealt with. */
  get rowsDone(): number {
    return this.record?.rows_done ?? 0;
  }

  /** Whether what rollback needs is still kept aside. */
  get undoKept(): boolean {
    return this.record?.undo_kept ?? false;
  }

  /** Where the step stands; undefined where it was not begun. */
  get state(): StepRecord['state'] | undefined {
    return this.record?.state;
  }

  /** Whether `finalize` has begun to delete what is kept. */
  get finalizing(): boolean {
    return this.record?.finalizing ?? false;
  }

  /** The checks of the step, as journaled. */
  get checks(): readonly Check[] {
    return this.record?.checks ?? [];
  }

  /** Applies the operation from wherever an earlier run has left it. Throws CHECK_FAILED, or what the handler throws. */
  async apply(): Promise<void> {
    if (this.record?.state === 'done') return;
    if (this.record?.state === 'rolled_back') {
      await this.discard();
      this.record = undefined;
    }
    const resumed = this.record !== undefined;
    const startedAt = performance.now();
    if (!this.record) await this.prepare();
    this.run.emit({ kind: 'step_started', step: this.name, direction: 'up', resumed });
    if (this.record!.state === 'prepared') {
      await this.drive('up', () => this.handler.execute(this.operation, this.record!.undo, this.context()));
      await this.put({ state: 'executed' });
    }
    const checks = await this.prove();
    this.run.emit({ kind: 'checked', step: this.name, moment: 'after', checks });
    await this.put({ checks: [...this.checks, ...checks] });
    refuseFailed(checks, `after ${this.operation.type} on ${this.operation.collection}`);
    await this.put({ state: 'done', finished_at: new Date().toISOString() });
    this.run.emit({
      kind: 'step_finished',
      step: this.name,
      direction: 'up',
      duration_ms: performance.now() - startedAt,
      rows_done: this.rowsDone,
    });
  }

  /** Takes the operation back from wherever it stands. Idempotent. */
  async rollback(): Promise<void> {
    if (!this.record) return;
    if (this.record.state === 'rolled_back') return this.discard();
    const resumed = this.record.state === 'rolling_back';
    const startedAt = performance.now();
    this.run.emit({ kind: 'step_started', step: this.name, direction: 'down', resumed });
    if (!resumed) await this.put({ state: 'rolling_back', checkpoint: null, rows_done: 0, rows_total: null });
    await this.drive('down', () => this.handler.rollback(this.operation, this.record!.undo, this.context()));
    // What is kept aside goes only once the journal says that nobody needs it any more.
    await this.put({ state: 'rolled_back', finished_at: new Date().toISOString() });
    await this.discard();
    this.run.emit({
      kind: 'step_finished',
      step: this.name,
      direction: 'down',
      duration_ms: performance.now() - startedAt,
      rows_done: this.rowsDone,
    });
  }

  /** Deletes what is kept aside. */
  async discard(): Promise<void> {
    if (!this.record || !this.undoKept) return;
    // A later run may keep its own under the same name: a run that has lost its lock must not delete that.
    await this.run.guard();
    await this.handler.discard(this.operation, this.record.undo, this.context());
    await this.run.fault('discarded');
    await this.put({ undo_kept: false });
  }

  /** Proves once more, by reading, that the change is there and complete. */
  async prove(): Promise<readonly Check[]> {
    return readProof(() => this.handler.verify(this.operation, this.record!.undo, this.context()));
  }

  /** What is kept aside of it. */
  async kept(): Promise<KeptAside> {
    return this.undoKept ? this.run.session.keptAside(this.context().aside) : { rows: 0, bytes: 0 };
  }

  /** Deletes what is kept aside for good; the journal says so first, so that nobody takes back by half of it what a stop has left. */
  async finalize(): Promise<void> {
    if (!this.record || !this.undoKept) return;
    if (!this.record.finalizing) await this.put({ finalizing: true });
    await this.run.fault('finalize.begun');
    const { versions } = this.handler;
    if (versions) {
      const { record } = this;
      await this.drive('up', () => versions.contract(this.operation, record.undo, this.context()));
      await this.run.fault('finalize.contracted');
    }
    await this.discard();
  }

  /** Whether its operation leaves two versions of a collection in use until it is finalized. */
  get hasVersions(): boolean {
    return this.handler.versions !== undefined;
  }

  /** Carries over what has reached one of two versions alone; false where there is nothing that would have to be. */
  async catchUp(): Promise<boolean> {
    const { versions } = this.handler;
    if (!versions?.catchUp) return false;
    const { undo } = this.record!;
    await this.drive('up', () => versions.catchUp!(this.operation, undo, this.context()));
    return true;
  }

  /** Carries over what has reached one of two versions alone, then proves both, and that reads or writes may move or the old version end. */
  async proveMove(): Promise<readonly Check[]> {
    const { versions } = this.handler;
    const { undo } = this.record!;
    await this.catchUp();
    const proven = await this.prove();
    const movable = await readProof(async () => (await versions?.checkMove(this.operation, undo, this.context())) ?? []);
    return [...proven, ...movable];
  }

  private async prepare(): Promise<void> {
    const checks = await this.handler.check(this.operation);
    this.run.emit({ kind: 'checked', step: this.name, moment: 'before', checks });
    refuseFailed(checks, `before ${this.operation.type} on ${this.operation.collection}`);
    const undo = await this.handler.prepare(this.operation, this.context());
    this.record = {
      version: this.name.version,
      index: this.name.step,
      operation: JSON.parse(JSON.stringify(this.operation)) as JsonObject,
      state: 'prepared',
      undo,
      checkpoint: null,
      rows_done: 0,
      rows_total: null,
      checks,
      started_at: new Date().toISOString(),
      finished_at: null,
      undo_kept: true,
      format: journalFormat,
    };
    await this.run.guard();
    await this.put({});
  }

  /** Runs a handler's batches, and starts it again from its checkpoint after an error that may pass. */
  private async drive(direction: 'up' | 'down', start: () => AsyncIterable<Progress>): Promise<void> {
    const retries = this.run.options.retries ?? 5;
    const startedAt = performance.now();
    const rowsBefore = this.rowsDone;
    for (let attempt = 1; ; ) {
      try {
        await this.throttle.hold();
        await this.run.guard();
        for await (const progress of start()) {
          attempt = 1;
          this.progress(direction, progress, startedAt, rowsBefore);
        }
        return;
      } catch (error) {
        if (!isRetryable(error) || attempt > retries) throw error;
        const pauseMs = retryPause(attempt);
        this.run.emit({ kind: 'retry', step: this.name, error: error as Error, attempt, pause_ms: pauseMs });
        attempt++;
        await pause(pauseMs, this.run.signal).catch(() => this.run.guard());
      }
    }
  }

  private progress(direction: 'up' | 'down', progress: Progress, startedAt: number, rowsBefore: number): void {
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = seconds > 0 ? Math.max(0, progress.rows_done - rowsBefore) / seconds : 0;
    const left = progress.rows_total === undefined ? undefined : Math.max(0, progress.rows_total - progress.rows_done);
    this.pauseIsDue = true;
    this.record = { ...this.record!, rows_done: progress.rows_done, rows_total: progress.rows_total ?? null };
    this.run.emit({
      kind: 'progress',
      step: this.name,
      direction,
      rows_done: progress.rows_done,
      rows_total: progress.rows_total,
      rate,
      eta_seconds: left === undefined || rate === 0 ? undefined : left / rate,
      note: progress.note,
    });
  }

  private context(): RunContext {
    const { run } = this;
    return {
      run_id: run.id,
      version: this.name.version,
      step: this.name.step,
      aside: asideOf({ version: this.name.version, index: this.name.step }),
      fence: run.fence,
      signal: run.signal,
      checkpoint: this.record?.checkpoint ?? undefined,
      save: async (checkpoint, rows_done) => {
        await this.put({ checkpoint, rows_done });
      },
      guard: async () => {
        await run.fault('guard');
        // Only behind a batch: between two writes that belong together nobody is made to wait.
        if (this.pauseIsDue) {
          this.pauseIsDue = false;
          await this.throttle.afterBatch();
        }
        await run.guard();
      },
      fault: (place) => run.fault(`${this.operation.type}.${place}`),
    };
  }

  private get direction(): 'up' | 'down' {
    return this.record?.state === 'rolling_back' ? 'down' : 'up';
  }

  private async put(change: Partial<StepRecord>): Promise<void> {
    this.record = { ...this.record!, ...change };
    await this.run.putStep(this.record);
  }
}

/** Whether an error leaves the migration as it stands, to be resumed, instead of taking it back. */
export function isResumable(error: unknown): boolean {
  return isPolyshiftError(error) && (error.exit === 5 || error.exit === 4 || error.exit === 3 || error.retryable);
}
