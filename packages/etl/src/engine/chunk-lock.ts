import { defaultLeaseMs, Lease, type LockStore } from '@polyshift/core';
import { type EtlRun, lockName, type PartitionProgress } from '../journal/records.ts';
import { stopped } from '../retry.ts';

/** How long the lock of a chunk is waited for, and kept. */
export interface ChunkLockOptions {
  /** Milliseconds that the lock outlives a dead worker; default 30,000. */
  readonly ttl_ms: number | undefined;
  readonly signal: AbortSignal;
}

/** Locks that are asked for at once, at most. */
const atOnce = 16;

/** Milliseconds that a worker which lives has to notice that its run is over, and to end the writes in flight. */
const endMs = 30_000;

/**
 * The name of the lock that whoever runs a chunk elsewhere holds in the target. It is the same in all runs of a spec, so that its token grows over all
 * of them.
 */
export function chunkLockName(specName: string, chunk: number): string {
  return `${lockName(specName)}/${chunk}`;
}

/**
 * Takes the lock of a chunk. A worker that was believed dead may hold it still: it is waited for until its lease would have ended. Throws LOCKED where it
 * lives on, and STOPPED.
 */
export async function holdChunk(
  locks: LockStore,
  spec: string,
  chunk: number,
  { ttl_ms, signal, more_ms = 0 }: ChunkLockOptions & { readonly more_ms?: number },
): Promise<Lease> {
  const wait_ms = (ttl_ms ?? defaultLeaseMs) * 1.5 + more_ms;
  try {
    return await Lease.acquire(locks, chunkLockName(spec, chunk), { command: `worker ${spec}`, ttl_ms, wait_ms, signal });
  } catch (error) {
    throw signal.aborted ? stopped() : error;
  }
}

/**
 * Waits until nobody has a chunk of a run in hand any more, and sees to it that nobody who had one can move its checkpoint: each lock is taken and given
 * back, so that its token grows. Workers stop by themselves when the lock of the run has gone to somebody else, and the lease of a dead one ends. To be called
 * under the lock of the run, before its progress is read. Does nothing for runs whose chunks had no locks. Throws LOCKED, STOPPED.
 */
export async function endChunks(
  run: EtlRun,
  partitions: ReadonlyMap<number, PartitionProgress>,
  locks: LockStore,
  options: ChunkLockOptions,
): Promise<void> {
  if (!run.chunk_locks) return;
  const open = run.partitions.filter(({ id }) => !partitions.get(id)?.done);
  const next = open.values();
  const end = async (): Promise<void> => {
    for (const { id } of next) {
      const lease = await holdChunk(locks, run.spec_name, id, { ...options, more_ms: endMs });
      await lease.release();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, open.length) }, end));
}
