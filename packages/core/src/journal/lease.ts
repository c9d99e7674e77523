import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { LockHolder, LockStore } from '../adapter/journal-store.ts';
import type { Fence } from '../adapter/run-context.ts';
import { isPolyshiftError, PolyshiftError } from '../errors/polyshift-error.ts';
import { pause } from './pause.ts';

/** How a lease is taken and kept. */
export interface LeaseOptions {
  /** What the holder does, shown to others: `up`. */
  readonly command: string;
  /** Milliseconds that the lease lasts without a heartbeat; default 30,000. Three heartbeats fit into it. */
  readonly ttl_ms?: number | undefined;
  /** Milliseconds to wait for a lock that somebody else holds; default 0. */
  readonly wait_ms?: number | undefined;
  /** Ends the waiting, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The default time to live of a lease, in milliseconds. */
export const defaultLeaseMs = 30_000;

/** Milliseconds after which a holder that is about to write asks the store again whether the lock is still its own. */
export const noticeMs = 250;

/**
 * A lock that is held as long as its holder lives: renewed by a heartbeat, taken over by the next run when the holder died, and fenced by
 * a token so that a holder that was paused too long cannot write after its successor has begun.
 */
export class Lease implements AsyncDisposable {
  readonly holder: LockHolder;
  readonly fence: Fence;
  private readonly locks: LockStore;
  private readonly ttlMs: number;
  private readonly lost = new AbortController();
  private validUntil: number;
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;
  private released = false;

  private constructor(locks: LockStore, holder: LockHolder, fence: Fence, ttlMs: number, acquiredAt: number) {
    this.locks = locks;
    this.holder = holder;
    this.fence = fence;
    this.ttlMs = ttlMs;
    this.validUntil = acquiredAt + ttlMs;
    this.timer = setInterval(() => void this.renew().catch(() => undefined), ttlMs / 3);
    this.timer.unref();
  }

  /** Takes the lock. Throws LOCKED, with who holds it, when it stays taken for `wait_ms`. */
  static async acquire(locks: LockStore, name: string, options: LeaseOptions): Promise<Lease> {
    const holder: LockHolder = { id: randomUUID(), host: hostname(), pid: process.pid, command: options.command };
    const ttlMs = options.ttl_ms ?? defaultLeaseMs;
    const deadline = performance.now() + (options.wait_ms ?? 0);
    for (;;) {
      const startedAt = performance.now();
      const result = await locks.acquire(name, holder, ttlMs);
      if (result.acquired) return new Lease(locks, holder, { lock: name, token: result.token }, ttlMs, startedAt);
      const { current } = result;
      if (performance.now() >= deadline) {
        throw new PolyshiftError(
          'LOCKED',
          `"${current.holder.command}" of process ${current.holder.pid} on ${current.holder.host} holds the lock "${name}" since ${current.acquired_at}`,
          {
            hint: `Wait for it. If that process is dead, the lock is free after ${current.expires_at}; \`polyshift unlock\` frees it now.`,
            data: { lock: current },
          },
        );
      }
      await pause(Math.min(250, Math.max(10, deadline - performance.now())), options.signal);
    }
  }

  /** Aborted as soon as the lease is known to be lost. */
  get signal(): AbortSignal {
    return this.lost.signal;
  }

  /**
   * To be awaited before each write. Returns at once while the store has just said that the lease is valid, by this machine's monotonic clock; else
   * asks it again, so that a process that was paused, or whose lock somebody has broken, finds out before it writes. Throws LEASE_LOST.
   */
  async guard(): Promise<void> {
    const now = performance.now();
    const known = now < this.validUntil - this.ttlMs / 6 && now < this.validUntil - this.ttlMs + noticeMs;
    if (!this.lost.signal.aborted && known) return;
    if (!this.lost.signal.aborted && !this.released) await this.renew();
    if (this.lost.signal.aborted || this.released) throw this.lostError();
  }

  /** Waits for the answer to the heartbeat that is under way; not at all where there is none. Never throws: an error is an answer too. */
  async beat(): Promise<void> {
    await this.renewing?.catch(() => undefined);
  }

  /** Gives the lock back. Idempotent; a lease that was lost is left to its new holder. */
  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    clearInterval(this.timer);
    this.timer = undefined;
    await this.renewing?.catch(() => undefined);
    if (!this.lost.signal.aborted) await this.locks.release(this.fence.lock, this.fence.token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** One heartbeat; those that come while one is under way share it. */
  private renew(): Promise<void> {
    this.renewing ??= this.renewOnce().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renewOnce(): Promise<void> {
    if (this.released || this.lost.signal.aborted) return;
    const startedAt = performance.now();
    try {
      if (await this.locks.renew(this.fence.lock, this.fence.token, this.ttlMs)) this.validUntil = startedAt + this.ttlMs;
      else this.lose();
    } catch (error) {
      // A store that does not answer for a moment has not given the lease to anybody yet; after its end it may have.
      if (isPolyshiftError(error, 'LEASE_LOST')) this.lose();
      else if (performance.now() >= this.validUntil) throw error;
    }
  }

  private lose(): void {
    clearInterval(this.timer);
    this.lost.abort(this.lostError());
  }

  private lostError(): PolyshiftError {
    return new PolyshiftError('LEASE_LOST', `this run lost the lock "${this.fence.lock}" and stopped before its next write`, {
      hint: 'Another run has taken over, or somebody used `polyshift unlock`. See `polyshift status`.',
    });
  }
}
