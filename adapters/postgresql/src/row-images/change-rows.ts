import type { Progress, RunContext } from '@polyshift/core';
import type { Connection, Database } from '../database.ts';
import { byIndex } from './by-index.ts';
import { changeAtOnce, changeStatement, countStatement, pickStatement } from './change-statements.ts';
import { createImages, type ImageTable } from './image-table.ts';
import { knowColumns } from './know-columns.ts';
import type { RowChange } from './row-change.ts';

type Batch = { readonly count: number; readonly last: readonly string[] | null };

/**
 * Changes rows in batches by key. Each batch is one fenced transaction that keeps the before-images, makes the change, and keeps what came
 * of it; a row that has an image is never taken again, so that `n = n + 1` is done once however often the step is started. When the end
 * is reached it starts over once, for rows that came to meet the condition behind its back.
 */
export async function* changeRows(database: Database, run: RunContext, change: RowChange): AsyncIterable<Progress> {
  const { images } = change;
  await run.guard();
  await database.fenced(run.fence, (connection) => createImages(connection, run.aside, images));
  await knowColumns(database, run, images.table);
  const total = await countRows(database, change);
  let done = await countImages(database, images);
  const rows_total = total + done;
  let after = readCheckpoint(run);
  let fromStart = after === null;
  for (;;) {
    await run.guard();
    const batch = await changeBatch(database, run, change, after);
    await run.fault('batch_committed');
    if (batch.count > 0) {
      done += batch.count;
      after = batch.last;
      await run.save({ after: [...(batch.last ?? [])] }, done);
      yield { rows_done: done, rows_total: Math.max(rows_total, done) };
      continue;
    }
    // That nothing more is found from the start is the proof that nothing was passed over.
    if (fromStart || (await countRows(database, change)) === 0) break;
    fromStart = true;
    after = null;
  }
  await run.save({ done: true }, done);
  yield { rows_done: done, rows_total: done };
}

function readCheckpoint(run: RunContext): readonly string[] | null {
  const { after } = (run.checkpoint ?? {}) as { after?: string[] };
  return Array.isArray(after) ? after : null;
}

async function changeBatch(
  database: Database,
  run: RunContext,
  change: RowChange,
  after: readonly string[] | null,
): Promise<Batch> {
  return await database.fenced(run.fence, (connection) =>
    byIndex(connection, async () => {
      const whole = changeAtOnce(change, after);
      const [row] = await connection.texts(whole.text, whole.values);
      await run.fault('rows_changed');
      if (!row) return { count: 0, last: null };
      const [picked, changed, ...last] = row as string[];
      const batch = { count: Number(picked), last };
      return picked === changed ? batch : ((await changeRest(connection, run, change, after)) ?? batch);
    }),
  );
}

/**
 * What {@link changeAtOnce} has found and not changed: a trigger refuses it, or somebody has given the row another key meanwhile. These keep their
 * images first, and are looked up by them.
 */
async function changeRest(
  connection: Connection,
  run: RunContext,
  change: RowChange,
  after: readonly string[] | null,
): Promise<Batch | undefined> {
  const picked = pickStatement(change, after);
  const [row] = await connection.texts(picked.text, picked.values);
  await run.fault('images_kept');
  if (!row) return undefined;
  const [count, ...last] = row as string[];
  const changed = changeStatement(change, after, last);
  await connection.rows(changed.text, changed.values);
  return { count: Number(count), last };
}

/** Rows that are still to be changed. */
async function countRows(database: Database, change: RowChange): Promise<number> {
  const { text, values } = countStatement(change);
  const row = await database.row<{ count: string }>(text, values);
  return Number(row!.count);
}

/** Rows that have an image. */
export async function countImages(database: Database, images: Pick<ImageTable, 'sql'>): Promise<number> {
  const row = await database.row<{ count: string }>(`SELECT count(*) AS count FROM ${images.sql}`);
  return Number(row!.count);
}
