import { batchSize, type SinkWriter } from '@polyshift/core';
import type { EtlRun, PartitionProgress } from '../journal/records.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import type { Prepared } from './prepare.ts';
import { readAhead, units } from './units.ts';

/**
 * Counts the rows that a run which stopped part-way has written behind its checkpoints: those of the reserved part of each partition that
 * the target holds. Reads only.
 */
export async function rowsBehindCheckpoints(
  loaded: LoadedSpec,
  prepared: Prepared,
  writer: SinkWriter,
  run: EtlRun,
  partitions: ReadonlyMap<number, PartitionProgress>,
): Promise<number> {
  let rows = 0;
  const clock = { extract_ms: 0, transform_ms: 0 };
  for (const partition of run.partitions) {
    const progress = partitions.get(partition.id);
    // A partition without a record has reserved nothing, so that nothing of it was written.
    if (!progress || progress.done) continue;
    const read = progress.counts.rows_read;
    if (progress.reserved <= read) continue;
    const source = prepared.scan.read(partition, {
      batch_size: loaded.extract.batch_size,
      after: progress.last_key ?? undefined,
    });
    for await (const unit of units(readAhead(source), prepared.transform, prepared.loadBatchSize, read, clock)) {
      const { batch } = writer.encode(unit.batch);
      if (batchSize(batch) > 0) rows += batchSize(await writer.lookup(batch));
      // Without a key to go on behind, the order of the rows may be another one now: all of them are looked at.
      if (progress.last_key !== null && unit.rowsThrough >= progress.reserved) break;
    }
  }
  return rows;
}
