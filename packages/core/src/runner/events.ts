import type { Check } from '../checks/check.ts';
import type { OperationType } from '../operation/registry.ts';
import type { ThrottleWait } from '../throttle/throttle.ts';
import type { FinalizedMigration, KeptMigration } from './finalize-report.ts';

/** Names a step of a run in events. */
export interface StepName {
  readonly version: string;
  readonly name: string;
  /** Index of the operation, from 0. */
  readonly step: number;
  /** Operations of the migration in all. */
  readonly steps: number;
  readonly type: OperationType;
  readonly collection: string;
}

/** What the runner tells while it works: core prints nothing, the CLI, logs and metrics listen. */
export type RunEvent =
  | {
      readonly kind: 'migration_started';
      readonly version: string;
      readonly name: string;
      readonly direction: 'up' | 'down';
      readonly resumed: boolean;
    }
  | { readonly kind: 'checked'; readonly step: StepName; readonly moment: 'before' | 'after'; readonly checks: readonly Check[] }
  | {
      readonly kind: 'migration_checked';
      readonly version: string;
      readonly name: string;
      readonly moment: 'before' | 'after';
      readonly checks: readonly Check[];
    }
  | { readonly kind: 'step_started'; readonly step: StepName; readonly direction: 'up' | 'down'; readonly resumed: boolean }
  | {
      readonly kind: 'progress';
      readonly step: StepName;
      readonly direction: 'up' | 'down';
      readonly rows_done: number;
      readonly rows_total: number | undefined;
      /** Rows per second since the step was started or resumed. */
      readonly rate: number;
      /** Seconds left at that rate; undefined without a total. */
      readonly eta_seconds: number | undefined;
      readonly note: string | undefined;
    }
  | {
      readonly kind: 'step_finished';
      readonly step: StepName;
      readonly direction: 'up' | 'down';
      readonly duration_ms: number;
      readonly rows_done: number;
    }
  | {
      readonly kind: 'migration_finished';
      readonly version: string;
      readonly name: string;
      readonly direction: 'up' | 'down';
      readonly duration_ms: number;
    }
  | {
      readonly kind: 'migration_failed';
      readonly version: string;
      readonly name: string;
      readonly error: Error;
      readonly rolling_back: boolean;
    }
  | { readonly kind: 'finalized'; readonly migration: FinalizedMigration }
  /** What a limit says is to be deleted, and was not. */
  | { readonly kind: 'undo_kept'; readonly migration: KeptMigration }
  | {
      readonly kind: 'retry';
      readonly step: StepName;
      readonly error: Error;
      readonly attempt: number;
      readonly pause_ms: number;
    }
  /** Told when a step begins to wait because of a limit, again after each look at it, and once when it goes on. */
  | ({ readonly kind: 'throttled'; readonly step: StepName; readonly direction: 'up' | 'down' } & ThrottleWait);

/** Takes events; must not throw. */
export type Emit = (event: RunEvent) => void;
