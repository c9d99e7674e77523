import type { LockRecord, StoreSession } from '@polyshift/core';
import { type EtlRun, lockName, type PartitionProgress } from './records.ts';

/** A run as the journal of its target holds it, with the progress of its partitions and its lock. */
export interface JournaledRun {
  readonly run: EtlRun;
  /** Of this run; partitions that have not begun are missing. */
  readonly partitions: readonly PartitionProgress[];
  /** Who holds the lock of its spec, dead or alive. */
  readonly lock: LockRecord | undefined;
}

/** The newest run of each spec that has loaded into a store, by the names of the specs. Reads only. */
export async function listRuns({ journal, locks }: StoreSession): Promise<JournaledRun[]> {
  const records = await journal.list('checkpoint', 'etl/');
  const runs: JournaledRun[] = [];
  for (const { key, data } of records) {
    if (!key.endsWith('/run')) continue;
    const run = data as unknown as EtlRun;
    const partitions = records
      .filter((each) => each.key.startsWith(`etl/${run.spec_name}/partition/`))
      .map((each) => each.data as unknown as PartitionProgress)
      .filter(({ run_id }) => run_id === run.run_id);
    runs.push({ run, partitions, lock: await locks.read(lockName(run.spec_name)) });
  }
  return runs;
}
