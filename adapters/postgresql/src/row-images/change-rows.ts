import type { Progress, RunContext } from '@polyshift/core';
import type { Database } from '../database.ts';
import { quote } from '../identifiers.ts';
import { type Bind, Parameters } from '../parameters.ts';
import { compareKey } from '../source/bounds.ts';
import { byIndex } from './by-index.ts';
import { createImages, type ImageTable, keyNames, keyRange, sameKey } from './image-table.ts';

/** A change of rows in place. */
export interface RowChange {
  readonly images: ImageTable;
  /** Which rows, as an SQL condition over the table by its own name. */
  readonly where: (bind: Bind) => string;
  /** The new value of each intended column, in order, as SQL over the row. */
  readonly values: (bind: Bind) => readonly string[];
  readonly batchSize: number;
}

const self = 'polyshift_images';

/**
 * Changes rows in batches by key. Each batch is one fenced transaction that keeps the before-images, makes the change, and keeps what came
 * of it; a row that has an image is never taken again, so that `n = n + 1` is done once however often the step is started. When the end
 * is reached it starts over once, for rows that came to meet the condition behind its back.
 */
export async function* changeRows(database: Database, run: RunContext, change: RowChange): AsyncIterable<Progress> {
  const { images } = change;
  await run.guard();
  await database.fenced(run.fence, (connection) => createImages(connection, run.aside, images));
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
    // A pass from the start that finds nothing more is the proof that nothing was passed over.
    if (fromStart) break;
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
): Promise<{ count: number; last: readonly string[] | null }> {
  return await database.fenced(run.fence, async (connection) => {
    return await byIndex(connection, async () => {
      const picked = pickStatement(change, after);
      const rows = await connection.texts(picked.text, picked.values);
      await run.fault('images_kept');
      if (rows.length === 0) return { count: 0, last: null };
      const count = Number(rows[0]![0]);
      const last = rows[0]!.slice(1) as string[];
      const changed = changeStatement(change, after, last);
      await connection.rows(changed.text, changed.values);
      await run.fault('rows_changed');
      return { count, last };
    });
  });
}

/** Keeps the before-images of the next rows, which stay locked; gives their number and the last key. */
function pickStatement(
  { images, where, batchSize }: RowChange,
  after: readonly string[] | null,
): { text: string; values: unknown[] } {
  const { table, key, columns } = images;
  const parameters = new Parameters();
  const name = quote(table.name);
  const terms = [`(${where(parameters.bind)})`];
  if (after) terms.push(compareKey(key, '>', after, parameters.bind));
  terms.push(`NOT EXISTS (SELECT FROM ${images.sql} AS ${self} WHERE ${sameKey(images, self, name)})`);
  const keys = key.map((column) => `${name}.${quote(column.name)}`);
  const before = columns.map((column) => `${name}.${quote(column.name)}`);
  const kept = keyNames(images);
  const text = `WITH picked AS (
    INSERT INTO ${images.sql} (${[...kept, ...columns.map((_, index) => `b${index + 1}`)].join(', ')})
    SELECT ${[...keys, ...before].join(', ')} FROM ${table.sql}
    WHERE ${terms.join(' AND ')} ORDER BY ${keys.join(', ')} LIMIT ${batchSize} FOR UPDATE OF ${name}
    ON CONFLICT DO NOTHING RETURNING ${kept.join(', ')})
  SELECT count(*) OVER (), ${kept.join(', ')} FROM picked ORDER BY ${kept.map((each) => `${each} DESC`).join(', ')} LIMIT 1`;
  return { text, values: parameters.values };
}

/** Makes the change in the rows whose images are new, and keeps what the row holds afterwards, triggers included. */
function changeStatement(
  { images, values }: RowChange,
  after: readonly string[] | null,
  upTo: readonly string[],
): { text: string; values: unknown[] } {
  const { table, key, columns } = images;
  const parameters = new Parameters();
  const name = quote(table.name);
  const assigned = values(parameters.bind).map((value, index) => `${quote(columns[index]!.name)} = ${value}`);
  const returned = [...key, ...columns].map((column, index) => `${name}.${quote(column.name)} AS r${index + 1}`);
  const afterImages = columns.map((_, index) => `a${index + 1} = changed.r${key.length + index + 1}`);
  const joined = key.map((_, index) => `kept.k${index + 1} = changed.r${index + 1}`).join(' AND ');
  // The names of the picked keys must not be those of any column that an expression of the user names without a table.
  const picked = key.map((_, index) => `k${index + 1} AS ${self}_${index + 1}`).join(', ');
  const match = key.map((column, index) => `${self}.${self}_${index + 1} = ${name}.${quote(column.name)}`).join(' AND ');
  const range = keyRange(images, 'i', after, upTo, parameters.bind);
  const bounds = [...(after ? [compareKey(key, '>', after, parameters.bind)] : []), compareKey(key, '<=', upTo, parameters.bind)];
  const text = `WITH changed AS (
    UPDATE ${table.sql} SET ${assigned.join(', ')}
    FROM (SELECT ${picked} FROM ${images.sql} AS i WHERE NOT i.changed AND ${range}) AS ${self}
    WHERE ${match} AND ${bounds.join(' AND ')}
    RETURNING ${returned.join(', ')})
  UPDATE ${images.sql} AS kept SET ${[...afterImages, 'changed = true'].join(', ')} FROM changed WHERE ${joined}`;
  return { text, values: parameters.values };
}

async function countRows(database: Database, { images, where }: RowChange): Promise<number> {
  const parameters = new Parameters();
  const name = quote(images.table.name);
  const row = await database.row<{ count: string }>(
    `SELECT count(*) AS count FROM ${images.table.sql} WHERE (${where(parameters.bind)})
     AND NOT EXISTS (SELECT FROM ${images.sql} AS ${self} WHERE ${sameKey(images, self, name)})`,
    parameters.values,
  );
  return Number(row!.count);
}

/** Rows that have an image. */
export async function countImages(database: Database, images: Pick<ImageTable, 'sql'>): Promise<number> {
  const row = await database.row<{ count: string }>(`SELECT count(*) AS count FROM ${images.sql}`);
  return Number(row!.count);
}
