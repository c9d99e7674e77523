import type { Lease, LockStore } from '@polyshift/core';
import type { LetterStore } from '../dead-letters/dead-letter.ts';
import { gatherLetters } from '../dead-letters/letter-journal.ts';
import type { EtlRecords, EtlRun } from '../journal/records.ts';
import { endChunks } from './chunk-lock.ts';

/** What ending the work of a fleet takes. */
interface FleetParts {
  readonly records: EtlRecords;
  /** The lock of the run. */
  readonly lease: Lease;
  readonly locks: LockStore;
  readonly letters: LetterStore;
  readonly ttl_ms: number | undefined;
}

/**
 * Has workers end the chunks of a run that failed or was asked to stop, waits until nobody has one in hand, and gathers what they have rejected. Never throws: where
 * the target is away workers cannot write either, and the next run does the same before it begins.
 */
export async function endFleet(run: EtlRun, { records, lease, locks, letters, ttl_ms }: FleetParts): Promise<void> {
  try {
    await records.putStop(lease.fence);
    await endChunks(run, await records.partitions(run.run_id), locks, { ttl_ms, signal: lease.signal });
    await gatherLetters(records, lease.fence, letters, run.run_id);
  } catch {
    // Why the run ends is more than why this did not work.
  }
}
