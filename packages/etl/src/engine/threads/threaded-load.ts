import { setTimeout as sleep } from 'node:timers/promises';
import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import { stopped } from '../../retry.ts';
import type { EngineLoad } from '../engine.ts';
import { errorFrom } from '../worker-error.ts';
import { ThreadPool } from './thread-pool.ts';
import type { OwnModule, ThreadResult } from './thread-task.ts';

/** Milliseconds between two looks at how far a load is, and until a chunk that somebody else has the lock of is tried again. */
const [lookMs, lockedMs] = [1000, 2000];

/** How often a chunk is tried whose thread dies, and one whose lock is lost or not to be had. */
const [deaths, tries] = [3, 10];

/** A load whose chunks run in threads. What has been done is told by the journal of the target alone. */
export class ThreadedLoad implements AsyncDisposable {
  private readonly threads: number;
  private readonly load: EngineLoad;
  private readonly pool: ThreadPool;
  private readonly waiting: number[];
  private readonly inHand = new Map<number, Promise<void>>();
  private readonly failures = new Map<number, { died: number; lost: number }>();
  private readonly ending = new AbortController();
  private failure: { readonly error: unknown } | undefined;
  private wake = (): void => undefined;

  constructor(threads: number, own: OwnModule, load: EngineLoad) {
    this.threads = threads;
    this.load = load;
    this.waiting = load.chunks.map(({ id }) => id);
    this.pool = new ThreadPool(threads, own, load);
    load.signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  /** Ends when the target says that all chunks are done. Throws the first error that no other try can mend. */
  async toEnd(): Promise<void> {
    const { load } = this;
    this.fill();
    for (;;) {
      await this.change();
      if (load.signal.aborted) throw load.signal.reason ?? stopped();
      const open = await load.open();
      load.tell({ workers: this.threads, running: this.inHand.size, open: open.size });
      if (open.size === 0) return;
      if (this.failure) throw this.failure.error;
      if (this.inHand.size > 0 || this.waiting.length > 0) continue;
      // A thread held them for over: they are looked at again, but not without end in one moment.
      await sleep(lookMs, undefined, { signal: load.signal }).catch(() => undefined);
      this.waiting.push(...open);
      this.fill();
    }
  }

  /** Has the chunks in hand end after the writes in flight, and the threads close what they have open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort();
    this.pool.stop();
    await this.pool.end(Promise.all(this.inHand.values()));
  }

  /** Waits for the next look, an end, or a reason to end. */
  private async change(): Promise<void> {
    const waiting = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    if (this.load.signal.aborted || this.failure || (this.inHand.size === 0 && this.waiting.length === 0)) return;
    await Promise.race([woken, sleep(lookMs, undefined, { signal: waiting.signal }).catch(() => undefined)]);
    waiting.abort();
  }

  private fill(): void {
    while (!this.ending.signal.aborted && !this.failure && this.inHand.size < this.threads) {
      const chunk = this.waiting.shift();
      if (chunk === undefined) break;
      this.inHand.set(
        chunk,
        this.run(chunk).finally(() => {
          this.inHand.delete(chunk);
          this.fill();
        }),
      );
    }
    if (this.failure || (this.inHand.size === 0 && this.waiting.length === 0)) this.wake();
  }

  /** Runs a chunk in a thread; never throws. */
  private async run(chunk: number): Promise<void> {
    let result: ThreadResult;
    try {
      result = await this.pool.run(chunk);
    } catch (cause) {
      this.died(chunk, cause as Error);
      return;
    }
    if (!('error' in result) || this.ending.signal.aborted) return;
    const error = errorFrom(result.error);
    const failures = this.failuresOf(chunk);
    const passes = isPolyshiftError(error, 'LOCKED') || isPolyshiftError(error, 'LEASE_LOST');
    if (!passes || ++failures.lost > tries) {
      this.failure ??= { error };
      return;
    }
    await sleep(lockedMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
    this.waiting.push(chunk);
  }

  /** The chunk comes last: its lock ends only when nobody renews it any more, and until then there is other work. */
  private died(chunk: number, cause: Error): void {
    if (this.ending.signal.aborted) return;
    const failures = this.failuresOf(chunk);
    const error = new PolyshiftError('WORKER_DIED', `the thread of chunk ${chunk} has died: ${cause.message}`, { cause });
    if (++failures.died >= deaths) this.failure ??= { error };
    else {
      this.load.told({ kind: 'retry', error, attempt: failures.died, pause_ms: 0, reconnect: false });
      this.waiting.push(chunk);
    }
  }

  private failuresOf(chunk: number): { died: number; lost: number } {
    const known = this.failures.get(chunk) ?? { died: 0, lost: 0 };
    this.failures.set(chunk, known);
    return known;
  }
}
