import type { JsonValue, Progress, RunContext } from '@polyshift/core';
import { nextChunkSize, sideBySide } from '@polyshift/core';
import { keyFromJson, keyToJson } from '../source/bounds.ts';
import { boundaries } from '../source/partitions.ts';
import type { Copy } from './copy-range.ts';
import type { OnlineWork } from './new-table.ts';

/** A range of keys, and how far its rows are copied: the key that is left out at its beginning, and its last one; null: no bound. */
type Range = { after: JsonValue; to: JsonValue; size: number; done?: true };
type Checkpoint = { ranges?: Range[]; rows?: number };

/** So that nobody is left with a long range when the others have come to their ends. */
const rangesOfWorker = 2;
/** What is left of the session's connections is for its lock and its journal. */
const mostWorkers = 8;

/**
 * Copies the rows in ranges of the key, several at a time, each with its own place in the checkpoint. Rows that somebody holds are passed over: what
 * is left when all have come to their ends, the copy in one line finds. Yields nothing where one worker is asked for, or this is behind the run.
 */
export async function* copyRanges(
  copy: Copy,
  work: OnlineWork,
  run: RunContext,
  total: number | undefined,
): AsyncIterable<Progress> {
  const saved = (run.checkpoint ?? undefined) as Checkpoint | undefined;
  const workers = Math.min(work.operation.data.workers ?? 1, mostWorkers);
  if (workers === 1 || (saved !== undefined && saved.ranges === undefined)) return;
  const ranges = saved?.ranges?.map((range) => ({ ...range })) ?? (await cut(copy, work, workers, total));
  if (ranges.length < 2) return;
  let rows = saved?.rows ?? 0;
  const left = ranges.filter(({ done }) => done === undefined);
  const worker = async function* (): AsyncGenerator<number> {
    for (let range = left.shift(); range !== undefined; range = left.shift())
      while (range.done === undefined) yield await copyNext(copy, work, run, range);
  };
  for await (const copied of sideBySide(Array.from({ length: workers }, () => worker()))) {
    rows += copied;
    await run.save({ ranges, rows }, rows);
    // Whoever takes this can hold all of them back.
    yield { rows_done: rows, rows_total: Math.max(total ?? rows, rows) };
  }
  await run.save({ rows }, rows);
}

/** Copies the next rows of a range; gives their number. */
async function copyNext(copy: Copy, { operation }: OnlineWork, run: RunContext, range: Range): Promise<number> {
  await run.guard();
  const startedAt = performance.now();
  const after = keyFromJson(range.after);
  const last = await copy.nextEnd(after, range.size, keyFromJson(range.to) ?? undefined);
  if (last === undefined) {
    range.done = true;
    return 0;
  }
  const copied = await copy.range({ after, last }, range.size, run);
  await run.fault('chunk_committed');
  range.after = keyToJson(last);
  range.size = nextChunkSize(range.size, performance.now() - startedAt, operation.batch_size);
  return copied;
}

/** Cuts the keys into ranges of about as many rows. */
async function cut(copy: Copy, { database, names, operation }: OnlineWork, workers: number, total?: number): Promise<Range[]> {
  const table = { sql: names.old, approximateCount: total };
  const cuts = await boundaries(database, table, copy.key, 'TRUE', workers * rangesOfWorker);
  return [null, ...cuts].map((after, at) => ({
    after: after && keyToJson(after),
    to: cuts[at] === undefined ? null : keyToJson(cuts[at]),
    size: operation.batch_size,
  }));
}
