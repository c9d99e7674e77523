import type { Check, Loss } from '@polyshift/core';
import {
  addCounts,
  allTargets,
  type Counts,
  countsOf,
  type EtlRun,
  noCounts,
  type PartitionProgress,
} from '../journal/records.ts';

/** What `etl run` did; the JSON output. Counts are of the whole run, those of earlier attempts included. */
export interface EtlRunReport {
  readonly spec: string;
  readonly run_id: string;
  /** `already_done`: an earlier run with the same spec has loaded everything, and nothing was changed. */
  readonly outcome: 'done' | 'already_done';
  /** Whether it went on with a run that had stopped part-way. */
  readonly resumed: boolean;
  readonly source: string;
  readonly target: string;
  readonly rows_read: number;
  readonly rows_transformed: number;
  /** Inserted and replaced. */
  readonly rows_written: number;
  readonly rows_inserted: number;
  readonly rows_replaced: number;
  /** Rows that an earlier attempt had written already, or that the mode `ignore` left. */
  readonly rows_already_there: number;
  /** Rows that no load step took, by their `when`. */
  readonly rows_left_out: number;
  readonly rows_rejected: number;
  /** The same by target, in the order of loading. */
  readonly targets: readonly {
    readonly collection: string;
    readonly rows_inserted: number;
    readonly rows_replaced: number;
    readonly rows_already_there: number;
    /** Rows in one write of this attempt at its end; null where it wrote none. Where the spec does not give them they were found by feedback. */
    readonly batch_size: number | null;
  }[];
  /** The file that the rejected rows are in; null where there is none, or a table has them. */
  readonly rejected_file: string | null;
  /** The table or collection of the target that they are in; null where there is none, or a file has them. */
  readonly rejected_table: string | null;
  readonly losses: readonly Loss[];
  /** What the checks of the spec found: those before the load, then those after it. */
  readonly checks: readonly Check[];
  readonly started_at: string;
  readonly finished_at: string | null;
  /** Of this attempt, in milliseconds. */
  readonly duration_ms: number;
  /** Rows read per second in this attempt. */
  readonly rows_per_second: number;
  /**
   * This attempt, step by step. Steps overlap in time: the sum is more than the duration. Times and writes are null where threads or
   * workers ran the chunks: the journal of the target, by which the run knows of them, tells rows alone.
   */
  readonly steps: {
    readonly extract: { readonly rows: number; readonly waited_ms: number | null };
    readonly transform: { readonly rows: number; readonly busy_ms: number | null };
    readonly load: { readonly rows: number; readonly writes: number | null; readonly busy_ms: number | null };
  };
  /** What to know, for people. */
  readonly notes: readonly string[];
}

/** The counts of all partitions. */
export function totalsOf(partitions: Iterable<PartitionProgress>): Counts {
  let totals = noCounts;
  for (const progress of partitions) totals = addCounts(totals, progress.counts);
  return totals;
}

/** Rows and time of one attempt, step by step. */
export interface Measured {
  readonly rows: { readonly extract: number; readonly transform: number; readonly load: number };
  /** Null where others than this process ran the chunks. */
  readonly clock: {
    readonly extract_ms: number;
    readonly transform_ms: number;
    readonly load_ms: number;
    readonly writes: number;
  } | null;
  /** By target, the rows of one write at the end. */
  readonly writeRows: readonly number[];
}

/** An attempt that moved no rows. */
export const nothingMeasured: Measured = {
  rows: { extract: 0, transform: 0, load: 0 },
  clock: { extract_ms: 0, transform_ms: 0, load_ms: 0, writes: 0 },
  writeRows: [],
};

/** The report of a run whose rows are all loaded. */
export function runReport(
  run: EtlRun,
  parts: {
    outcome: EtlRunReport['outcome'];
    resumed: boolean;
    source: string;
    target: string;
    notes: readonly string[];
    duration_ms: number;
    measured: Measured;
  },
): EtlRunReport {
  const totals = run.totals ?? noCounts;
  const { rows, clock } = parts.measured;
  const seconds = parts.duration_ms / 1000;
  const written = allTargets(totals);
  return {
    spec: run.spec_name,
    run_id: run.run_id,
    outcome: parts.outcome,
    resumed: parts.resumed,
    source: parts.source,
    target: parts.target,
    rows_read: totals.rows_read,
    rows_transformed: totals.rows_transformed,
    rows_written: written.inserted + written.replaced,
    rows_inserted: written.inserted,
    rows_replaced: written.replaced,
    rows_already_there: written.already_there,
    rows_left_out: totals.left_out,
    rows_rejected: totals.rejected,
    targets: run.targets.map(({ undo }, index) => {
      const { inserted, replaced, already_there } = countsOf(totals, index);
      return {
        collection: undo.collection,
        rows_inserted: inserted,
        rows_replaced: replaced,
        rows_already_there: already_there,
        batch_size: parts.measured.writeRows[index] ?? null,
      };
    }),
    rejected_file: totals.rejected > 0 && 'file' in run.dead_letters ? run.dead_letters.file : null,
    rejected_table: totals.rejected > 0 && 'undo' in run.dead_letters ? run.dead_letters.undo.collection : null,
    losses: run.losses,
    checks: [...(run.checks?.before ?? []), ...(run.checks?.after ?? [])],
    started_at: run.started_at,
    finished_at: run.finished_at,
    duration_ms: Math.round(parts.duration_ms),
    rows_per_second: seconds > 0 ? Math.round(rows.extract / seconds) : 0,
    steps: {
      extract: { rows: rows.extract, waited_ms: clock && Math.round(clock.extract_ms) },
      transform: { rows: rows.transform, busy_ms: clock && Math.round(clock.transform_ms) },
      load: { rows: rows.load, writes: clock?.writes ?? null, busy_ms: clock && Math.round(clock.load_ms) },
    },
    notes: parts.notes,
  };
}
