import { type EtlRun, noCounts, type PartitionProgress, type RunPartition } from '../journal/records.ts';
import type { Chunk } from './engine.ts';

/** A partition of a run as a chunk that goes on where its progress is. */
export function chunkOf(run: EtlRun, { id, flow, part }: RunPartition, progress: PartitionProgress): Chunk {
  return {
    spec_name: run.spec_name,
    spec_checksum: run.spec_checksum,
    run_id: run.run_id,
    id,
    flow,
    partition: part,
    after: progress.last_key,
    rows_before: progress.position,
    replay_through: progress.reserved,
  };
}

/** The progress of a partition that has not begun. */
export function startOf(run: EtlRun, partition: number): PartitionProgress {
  return { run_id: run.run_id, partition, last_key: null, position: 0, counts: noCounts, losses: [], reserved: 0, done: false };
}
