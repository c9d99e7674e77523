import type { Check } from '../checks/check.ts';
import type { OperationType } from '../operation/registry.ts';

/** Why the undo of a version goes: by hand, because it is older than the limit, or because all undo is larger than the limit. */
export type FinalizeReason = 'asked' | 'age' | 'size';

/** How the deletion of what one operation keeps was found to be right. */
export interface FinalizedOperation {
  /** Index of the operation, from 0. */
  readonly step: number;
  readonly type: OperationType;
  readonly collection: string;
  /**
   * `live`: what is kept was held against the live data just now. `journal`: later operations have changed the collection, so that it cannot be any
   * more; the proof is the one that was journaled when it was applied. `begun`: an earlier `finalize` has proven it and begun to delete. `nothing`: it keeps no rows, so
   * that none can be lost.
   */
  readonly proof: 'live' | 'journal' | 'begun' | 'nothing';
  readonly checks: readonly Check[];
}

/** A version that cannot be taken back any more: what was kept for that is deleted. */
export interface FinalizedMigration {
  readonly version: string;
  readonly name: string;
  readonly reason: FinalizeReason;
  /** Operations of which something was deleted; 0 where the version was final already. */
  readonly steps: number;
  /** Rows that were kept aside. */
  readonly rows: number;
  /** Bytes that they took; null where the store cannot tell. */
  readonly bytes: number | null;
  readonly operations: readonly FinalizedOperation[];
}

/** A version that is beyond a limit, and keeps its undo all the same. */
export interface KeptMigration {
  readonly version: string;
  readonly name: string;
  /** Which limit; `asked` where `finalize --older-than` has named the age. */
  readonly reason: FinalizeReason;
  /** Its proof has failed; it is the newest version, which size alone does not make final; or two versions of a collection are in use. */
  readonly because: 'check_failed' | 'newest' | 'open';
  /** For people, with numbers. */
  readonly message: string;
  /** The checks that have failed. */
  readonly checks: readonly Check[];
}

/** What was made final, oldest first, and what should have been. */
export interface FinalizeReport {
  readonly finalized: readonly FinalizedMigration[];
  readonly kept: readonly KeptMigration[];
}
