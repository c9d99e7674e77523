import { nextChunkSize, type Progress, type RunContext } from '@polyshift/core';
import type { Database } from '../database.ts';
import { backfillRanges, goesInRanges } from './backfill-ranges.ts';
import { type Backfill, copyChunk } from './copy-chunk.ts';

type Checkpoint = { after: string[] | null; rows: number; size: number; done?: true };

/**
 * Copies the rows that the new version does not have, in the order of the key. The rows of a chunk are locked so that none of them is deleted or gets
 * another key until the chunk is there; a row that a writer has carried over meanwhile stays as it is. Idempotent, resumed after the last chunk.
 */
export async function* backfill(database: Database, run: RunContext, work: Backfill): AsyncIterable<Progress> {
  if (await goesInRanges(database, run, work)) {
    yield* backfillRanges(database, run, work);
    return;
  }
  const at = (run.checkpoint ?? { after: null, rows: 0, size: work.batchSize }) as Checkpoint;
  let { after, rows, size } = at;
  const rows_total = work.table.approximateCount;
  if (at.done) {
    yield { rows_done: rows, rows_total: rows };
    return;
  }
  for (;;) {
    await run.guard();
    const startedAt = performance.now();
    const chunk = await copyChunk(database, run, work, { after, to: null }, size);
    await run.fault('chunk_copied');
    if (chunk.count === 0) break;
    rows += chunk.count;
    after = chunk.last;
    if (chunk.count === size)
      size = nextChunkSize(size, performance.now() - startedAt, work.batchSize, { fewest: 100, shrink: 4 });
    await run.save({ after, rows, size } satisfies Checkpoint, rows);
    yield { rows_done: rows, rows_total: Math.max(rows_total ?? 0, rows) };
  }
  await run.save({ after, rows, size, done: true } satisfies Checkpoint, rows);
  yield { rows_done: rows, rows_total: rows };
}
