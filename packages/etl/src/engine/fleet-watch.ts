import type { Loss } from '@polyshift/core';
import type { EmitEtl } from '../events.ts';
import { allTargets, type Counts, type EtlRecords, type EtlRun } from '../journal/records.ts';
import type { RejectionLimit } from '../load/rejections.ts';
import type { Meter } from '../pipeline/meter.ts';
import { totalsOf } from '../report/run-report.ts';
import type { LossCounter } from '../transform/losses.ts';

/** What looking after workers takes. */
interface WatchParts {
  readonly records: EtlRecords;
  /** What earlier attempts have dealt with. */
  readonly before: Counts;
  readonly meters: { readonly extract: Meter; readonly transform: Meter; readonly load: Meter };
  readonly limit: RejectionLimit;
  readonly losses: LossCounter;
  /** Told the rows of one write, by target, as the workers have them last. */
  readonly writeRows: (rows: readonly number[]) => void;
  readonly emit: EmitEtl;
}

/**
 * Makes the function that an engine with workers asks which chunks are open. The journal of the target decides, and not the queue: what a chunk has done is
 * told from its checkpoints, so that the rows of all workers add up, whatever is killed.
 */
export function fleetWatch(run: EtlRun, { records, before, meters, limit, losses, writeRows, emit }: WatchParts) {
  let seen = before;
  return async (): Promise<ReadonlySet<number>> => {
    const partitions = await records.partitions(run.run_id);
    const totals = totalsOf(partitions.values());
    const working = [...partitions.values()].filter(({ done, write_rows }) => !done && write_rows);
    const last = working.at(-1) ?? [...partitions.values()].at(-1);
    if (last?.write_rows) writeRows(last.write_rows);
    meters.extract.add(totals.rows_read - seen.rows_read);
    meters.transform.add(totals.rows_transformed - seen.rows_transformed);
    meters.load.add(written(totals) - written(seen));
    seen = totals;
    for (const progress of partitions.values()) tellLosses(progress.losses);
    limit.set(totals.rows_read, totals.rejected);
    return new Set(run.partitions.filter(({ id }) => !partitions.get(id)?.done).map(({ id }) => id));
  };

  function tellLosses(found: readonly Loss[]): void {
    const known = new Set(losses.list().map((loss) => `${loss.field} ${loss.loss}`));
    const fresh = found.filter((loss) => !known.has(`${loss.field} ${loss.loss}`));
    losses.add(fresh);
    for (const loss of fresh) emit({ kind: 'loss', loss });
  }
}

function written(counts: Counts): number {
  const { inserted, replaced, already_there } = allTargets(counts);
  return inserted + replaced + already_there;
}
