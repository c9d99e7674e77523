import { nextChunkSize, type Progress, type RunContext, sideBySide } from '@polyshift/core';
import { requireColumn } from '../catalog/table.ts';
import type { Database } from '../database.ts';
import { literal } from '../identifiers.ts';
import { boundaries } from '../source/partitions.ts';
import { type Backfill, copyChunk } from './copy-chunk.ts';

/** A range of the key, and how far its rows are copied. */
type Range = { after: string[] | null; to: string[] | null; rows: number; size: number; done?: true };
/** `ranges`: none of them overlap, and together they are all keys. */
type Checkpoint = { ranges: Range[]; after: null; rows: number; size: number; done?: true };

/** So that nobody is left with a long range when the others have come to their ends. */
const rangesOfWorker = 4;

/**
 * Whether rows are copied in several ranges side by side. Rows that refer to others of their table are copied one after the other: a row would come
 * before the one that it refers to more often than not.
 */
export async function goesInRanges(database: Database, run: RunContext, { workers, names }: Backfill): Promise<boolean> {
  const saved = run.checkpoint as Checkpoint | null | undefined;
  if (saved) return saved.ranges !== undefined && saved.done === undefined;
  if (workers === 1) return false;
  const row = await database.row<{ refers: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = ${literal(names.newSql)}::regclass AND confrelid = conrelid) AS refers`,
  );
  return !row!.refers;
}

/**
 * Copies the rows in ranges of the key, several at a time, each as a single one would be and with its own place in the checkpoint. The cuts are made
 * once; whoever resumes goes on with the same. There are never more workers than connections that nobody else needs.
 */
export async function* backfillRanges(database: Database, run: RunContext, work: Backfill): AsyncIterable<Progress> {
  const saved = run.checkpoint as Checkpoint | null | undefined;
  const ranges = saved?.ranges ?? (await cut(database, work));
  const copied = (): number => ranges.reduce((sum, { rows }) => sum + rows, 0);
  let saving = Promise.resolve();
  const save = (done: { done?: true } = {}): Promise<void> => {
    saving = saving.then(() =>
      run.save({ ranges, after: null, rows: copied(), size: work.batchSize, ...done } satisfies Checkpoint, copied()),
    );
    return saving;
  };
  if (!saved) await save();
  const left = ranges.filter(({ done }) => done === undefined);
  const worker = async function* (): AsyncGenerator<Progress> {
    for (let range = left.shift(); range !== undefined; range = left.shift()) {
      while (range.done === undefined) {
        await copyNext(database, run, work, range);
        await save();
        yield { rows_done: copied(), rows_total: Math.max(work.table.approximateCount ?? 0, copied()) };
      }
    }
  };
  const workers = Math.max(1, Math.min(work.workers, database.connections - 2));
  yield* sideBySide(Array.from({ length: workers }, () => worker()));
  await save({ done: true });
  yield { rows_done: copied(), rows_total: copied() };
}

async function cut(database: Database, { table, way, workers }: Backfill): Promise<Range[]> {
  const key = way.key.map(({ source }) => requireColumn(table, source));
  const cuts = await boundaries(database, table, key, 'true', [], workers * rangesOfWorker);
  return [null, ...cuts].map((after, at) => ({ after, to: cuts[at] ?? null, rows: 0, size: 0 }));
}

async function copyNext(database: Database, run: RunContext, work: Backfill, range: Range): Promise<void> {
  await run.guard();
  const size = range.size || work.batchSize;
  const startedAt = performance.now();
  const { count, last } = await copyChunk(database, run, work, range, size);
  await run.fault('chunk_copied');
  range.rows += count;
  if (count > 0) range.after = last;
  if (count < size) range.done = true;
  else range.size = nextChunkSize(size, performance.now() - startedAt, work.batchSize, { fewest: 100, shrink: 4 });
}
