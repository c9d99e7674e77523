import type { LockRecord, StoreSession } from '@polyshift/core';
import { type JournaledRun, listRuns } from './journal/list-runs.ts';
import { allTargets, type Counts, countsOf } from './journal/records.ts';
import { totalsOf } from './report/run-report.ts';

/** One spec in `status`: where its newest run stands in the store that it loads into. */
export interface EtlStatus {
  readonly spec: string;
  /** Its file as it was named when the run began; null where it had none, or the run is of an older version. */
  readonly file: string | null;
  readonly run_id: string;
  readonly state: 'running' | 'loaded' | 'done' | 'rolling_back' | 'rolled_back';
  readonly targets: readonly {
    readonly collection: string;
    /** What it was before the run. */
    readonly before: 'absent' | 'empty' | 'filled';
    readonly rows_written: number;
    /** Indexes that were dropped for the load and are built again at its end, or by its rollback; what of them is there, `doctor` tells. */
    readonly indexes_dropped: readonly string[];
  }[];
  readonly partitions_done: number;
  readonly partitions_total: number;
  /** Rows up to the last checkpoints. */
  readonly rows_read: number;
  readonly rows_written: number;
  readonly rows_rejected: number;
  /** Rows of the source behind the checkpoints whose writes may have been issued, at most. */
  readonly rows_in_doubt: number;
  /** Loads of the spec before this one that can be taken back, too. */
  readonly earlier_loads: number;
  readonly attempts: number;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly lock: LockRecord | null;
}

/** The specs that have loaded into a store, each with its newest run. Reads only. */
export async function etlStatus(session: StoreSession): Promise<EtlStatus[]> {
  return (await listRuns(session)).map(statusOf);
}

/** A run in one line. */
export function statusOf({ run, partitions, lock }: JournaledRun): EtlStatus {
  const totals: Counts = run.totals ?? totalsOf(partitions);
  const written = allTargets(totals);
  const open = partitions.filter(({ done }) => !done);
  return {
    spec: run.spec_name,
    file: run.spec_file ?? null,
    run_id: run.run_id,
    state: run.state,
    targets: run.targets.map(({ undo, indexes }, index) => {
      const { inserted, replaced } = countsOf(totals, index);
      return {
        collection: undo.collection,
        before: undo.before,
        rows_written: inserted + replaced,
        indexes_dropped: indexes?.state === 'dropped' ? indexes.kept.map(({ name }) => name) : [],
      };
    }),
    partitions_done: partitions.length - open.length,
    partitions_total: run.partitions.length,
    rows_read: totals.rows_read,
    rows_written: written.inserted + written.replaced,
    rows_rejected: totals.rejected,
    rows_in_doubt:
      run.state === 'running' ? open.reduce((sum, { reserved, position }) => sum + Math.max(0, reserved - position), 0) : 0,
    earlier_loads: run.earlier.length,
    attempts: run.attempts,
    started_at: run.started_at,
    finished_at: run.finished_at,
    lock: lock ?? null,
  };
}
