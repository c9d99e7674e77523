import { batchSize, type SinkWriter } from '@polyshift/core';
import type { EtlRun, PartitionProgress } from '../journal/records.ts';
import { encodeUnit } from '../load/write-unit.ts';
import { keyText, rowView } from '../reconcile/row-view.ts';
import type { Prepared } from './prepare.ts';
import { readAhead } from './read-ahead.ts';
import { units } from './units.ts';

/**
 * Counts the rows of each target that a run which stopped part-way has written behind its checkpoints: those of the reserved part of each
 * partition that the target holds. Reads only.
 */
export async function rowsBehindCheckpoints(
  prepared: Prepared,
  writers: readonly SinkWriter[],
  run: EtlRun,
  partitions: ReadonlyMap<number, PartitionProgress>,
): Promise<number[]> {
  const { targets } = prepared;
  const rows = targets.map(() => 0);
  // Rows that many source rows share are counted once.
  const seen = targets.map(() => new Set<string>());
  const clock = { extract_ms: 0, transform_ms: 0 };
  for (const { id, flow: index, part } of run.partitions) {
    const progress = partitions.get(id);
    // A partition without a record has reserved nothing, so that nothing of it was written.
    if (!progress || progress.done || progress.reserved <= progress.position) continue;
    const flow = prepared.flows[index]!;
    const source = flow.scan.read(part, { batch_size: flow.readSize, after: progress.last_key ?? undefined });
    for await (const unit of units(readAhead(source), flow.transform, () => flow.unitSize, progress.position, clock)) {
      const { outputs } = encodeUnit(unit, flow, targets, writers);
      for (const [branch, { target }] of flow.branches.entries()) {
        const { batch } = outputs[branch]!;
        if (batchSize(batch) === 0) continue;
        const found = await writers[target]!.lookup(batch);
        for (let row = 0; row < batchSize(found); row++) {
          const key = targets[target]!.distinct ? keyText(rowView(found, row), targets[target]!.key) : undefined;
          if (key !== undefined && seen[target]!.has(key)) continue;
          if (key !== undefined) seen[target]!.add(key);
          rows[target]!++;
        }
      }
      // Without a key to go on behind, the order of the rows may be another one now: all of them are looked at.
      if (progress.last_key !== null && unit.rowsThrough >= progress.reserved) break;
    }
  }
  return rows;
}
