import type { ServerInfo } from '../adapter/adapter.ts';
import type { PlannedStep } from '../adapter/handler.ts';
import type { LockRecord, MigrationState } from '../adapter/journal-store.ts';
import type { KeptAside } from '../adapter/kept-aside.ts';
import type { Check } from '../checks/check.ts';
import type { Amendment } from '../journal/amendments.ts';
import type { OperationType } from '../operation/registry.ts';
import type { JsonObject } from '../value/json.ts';
import type { VersionsStatus } from '../versions/versions-status.ts';
import type { FinalizeReport } from './finalize-report.ts';
import type { UndoLimits } from './runner-options.ts';

/** One migration in the report of a run. */
export interface MigrationReport {
  readonly version: string;
  readonly name: string;
  readonly outcome: 'applied' | 'rolled_back' | 'failed_and_rolled_back';
  readonly duration_ms: number;
  readonly rows_done: number;
  readonly checks: readonly Check[];
}

/** What `up` and `down` did. */
export interface RunReport {
  readonly run_id: string;
  readonly from_version: string | null;
  readonly to_version: string | null;
  readonly migrations: readonly MigrationReport[];
  /** What `up` has made final, and what it has not, to keep the limits of undo; missing where there are none. */
  readonly retention?: FinalizeReport;
}

/** One operation in a plan. */
export interface OperationPlan {
  readonly type: OperationType;
  readonly collection: string;
  readonly statements: readonly PlannedStep[];
}

/** What `plan` shows: nothing of it has been run. */
export interface PlanReport {
  readonly server: ServerInfo;
  readonly current_version: string | null;
  readonly migrations: readonly {
    readonly version: string;
    readonly name: string;
    readonly file: string;
    readonly description?: string | undefined;
    /** Whether an earlier run has begun with it. */
    readonly resumed: boolean;
    readonly operations: readonly OperationPlan[];
  }[];
}

/** One line of `status`. */
export interface MigrationStatus {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState | 'pending';
  readonly applied_at: string | null;
  readonly duration_ms: number | null;
  readonly steps_done: number;
  readonly steps_total: number;
  /** Rows that the unfinished step has dealt with, and in all. */
  readonly rows_done?: number;
  readonly rows_total?: number | null;
  /** Where the unfinished step stands: what it did before its first batch, its batches, its proof, or its way back. */
  readonly phase?: 'begin' | 'batches' | 'proof' | 'rollback';
  /** Rows a second since the step was begun, times between its runs included; missing before the first batch. */
  readonly rate?: number;
  /** Seconds left at that rate; missing without a total. */
  readonly eta_seconds?: number;
  /** Whether `down` can take it back: exactly, by the script of the user, not at all, or not any more; `finalizing` where a finalize was stopped in the middle. */
  readonly undo: 'exact' | 'script' | 'none' | 'finalizing' | 'finalized' | 'not_applied';
  /** What is kept aside for that; null where nothing is kept any more, or was not yet. */
  readonly kept: KeptAside | null;
  /** When it becomes older than the limit, so that the next `up` deletes what is kept; null where there is no such limit, or nothing is kept. */
  readonly undo_until: string | null;
  /** `changed` and `missing` speak of the file. */
  readonly file: 'ok' | 'changed' | 'missing';
  readonly error: string | null;
}

/** What `status` shows. */
export interface StatusReport {
  readonly server: ServerInfo;
  readonly current_version: string | null;
  readonly pending: number;
  readonly unfinished: boolean;
  readonly migrations: readonly MigrationStatus[];
  /** What is kept aside for all versions together. */
  readonly kept: KeptAside;
  /** The limits of what is kept; null where there are none. */
  readonly keep_undo: UndoLimits | null;
  /** What was decided about the history by hand, oldest first. */
  readonly amendments: readonly Amendment[];
  readonly lock: LockRecord | null;
  /** Two versions of collections in use side by side (`up --online`); null where there are none. */
  readonly versions: VersionsStatus | null;
  /**
   * What an application of the new version sets, in the store's own terms, merged over all its collections; null where there is none:
   * `{ version: '0002', reads: 'old', writes: 'old', search_path: 'public_0002, public' }`.
   */
  readonly new_version: JsonObject | null;
}

/** What `verify` found: FAILED checks make its exit code 1. */
export interface VerifyReport {
  readonly current_version: string | null;
  readonly checks: readonly Check[];
  readonly ok: boolean;
}

/** A half-done run, in words. */
export interface DoctorReport {
  readonly healthy: boolean;
  readonly findings: readonly {
    /** What is so. */
    readonly finding: string;
    /** What was done so far, and what is kept where. */
    readonly details: readonly string[];
    /** Commands that go on from here, and where each leads. */
    readonly choices: readonly { readonly command: string; readonly outcome: string }[];
  }[];
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
}
