import { Lease, type LockStore } from '@polyshift/core';
import { stopped } from '../retry.ts';
import { lockName } from './records.ts';

/** How long the lock of a spec is waited for, and kept. */
export interface HoldOptions {
  /** Milliseconds that the lock outlives a dead run; default 30,000. */
  readonly ttl_ms: number | undefined;
  /** Milliseconds to wait for a lock that another run holds; default 0. */
  readonly wait_ms: number | undefined;
  /** Ends the waiting. */
  readonly signal: AbortSignal | undefined;
}

/** Takes the lock of a spec for a command like `etl run`. Throws LOCKED, and STOPPED where the wait was ended by the signal. */
export async function holdSpec(locks: LockStore, spec: string, command: string, options: HoldOptions): Promise<Lease> {
  try {
    return await Lease.acquire(locks, lockName(spec), { command: `${command} ${spec}`, ...options });
  } catch (error) {
    throw options.signal?.aborted ? stopped() : error;
  }
}
