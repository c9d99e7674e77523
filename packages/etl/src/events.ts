import type { JsonValue, Loss, RejectedRow, ThrottleWait } from '@polyshift/core';
import type { FleetState } from './engine/fleet-state.ts';

/** The steps whose progress is told apart; `index NAME` is the building of one index. */
export type EtlStep = 'extract' | 'transform' | 'load' | 'verify' | 'rollback' | `index ${string}`;

/** What the pipeline tells while it works: the package prints nothing. */
export type EtlEvent =
  | {
      readonly kind: 'run_started';
      readonly spec: string;
      readonly run_id: string;
      readonly resumed: boolean;
      readonly partitions: number;
      /** Rows that will come; undefined where nobody knows. */
      readonly rows_total: number | undefined;
    }
  | { readonly kind: 'partition_started'; readonly partition: number; readonly resumed: boolean; readonly rows_done: number }
  | { readonly kind: 'partition_finished'; readonly partition: number; readonly rows: number }
  | {
      readonly kind: 'progress';
      readonly step: EtlStep;
      /** Rows that the step has dealt with, those of earlier attempts included. */
      readonly rows_done: number;
      readonly rows_total: number | undefined;
      /** Rows per second since this attempt began. */
      readonly rate: number;
      /** Seconds left at that rate; undefined without a total. */
      readonly eta_seconds: number | undefined;
      /** Rows in one write now, of the first target; in the step `load` alone. Where the spec does not give them they change while the run works. */
      readonly batch_size?: number | undefined;
    }
  | {
      readonly kind: 'rejected';
      readonly partition: number;
      readonly row: Pick<RejectedRow, 'code' | 'message'> & { readonly key: JsonValue };
    }
  /** Told again and again while workers elsewhere run the chunks. */
  | ({ readonly kind: 'fleet' } & FleetState)
  /** Told once for each field and kind of loss; the report has the counts. */
  | { readonly kind: 'loss'; readonly loss: Loss }
  | {
      readonly kind: 'retry';
      readonly error: Error;
      readonly attempt: number;
      readonly pause_ms: number;
      readonly reconnect: boolean;
    }
  /** Told when the run begins to wait because of a limit, again after each look at it, and once when it goes on. */
  | ({ readonly kind: 'throttled' } & ThrottleWait)
  | { readonly kind: 'finished'; readonly spec: string; readonly run_id: string; readonly duration_ms: number };

/** Takes events; must not throw. */
export type EmitEtl = (event: EtlEvent) => void;
