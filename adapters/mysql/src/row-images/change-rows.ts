import type { JsonValue, Progress, RunContext } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { fencedDdl } from '../handler/marks.ts';
import { quote } from '../identifiers.ts';
import { compareKey, type Key, keyFromJson, keyToJson } from '../source/bounds.ts';
import { readExpression } from '../values/literal.ts';
import { createImages, type ImageTable, keyNames, sameKey } from './image-table.ts';

/** A change of rows in place. */
export interface RowChange {
  readonly images: ImageTable;
  /** Which rows, as an SQL condition over the table by its own name. */
  readonly where: string;
  /** The new value of each intended column, in order, as SQL over the row. */
  readonly values: readonly string[];
  readonly batchSize: number;
}

/**
 * Changes rows in batches by key. Each batch is one fenced transaction that keeps the before-images and the new values, reckoned from the rows as
 * they were, then writes them; a row that has an image is never taken again, so that `n = n + 1` is done once however often the step is
 * started. When the end is reached it starts over once, for rows that came to meet the condition behind its back.
 */
export async function* changeRows(database: Database, run: RunContext, change: RowChange): AsyncIterable<Progress> {
  const { images } = change;
  await fencedDdl(database, run, (connection) => createImages(connection, images));
  await run.fault('images_created');
  let done = await countImages(database, images);
  const rows_total = done + (await countOpen(database, change));
  let after = keyFromJson((run.checkpoint as { after?: JsonValue } | undefined)?.after);
  let fromStart = after === null;
  for (;;) {
    await run.guard();
    const batch = await database.fenced(run.fence, (connection) => changeBatch(connection, run, change, after));
    await run.fault('batch_committed');
    if (batch.count > 0) {
      done += batch.count;
      after = batch.last;
      await run.save({ after: keyToJson(batch.last!) }, done);
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

async function changeBatch(
  connection: Connection,
  run: RunContext,
  change: RowChange,
  after: Key | null,
): Promise<{ count: number; last: Key | null }> {
  const { images, values, batchSize } = change;
  const { table, key, columns, intended } = images;
  const name = quote(table.name);
  const keys = key.map((column) => `${name}.${quote(column.name)}`);
  const kept = keyNames(images);
  const before = columns.map((column) => `${name}.${quote(column.name)}`);
  const sides = [...columns.map((_, index) => `b${index + 1}`), ...values.map((_, index) => `a${index + 1}`)];
  const count = await connection.execute(
    `INSERT INTO ${images.sql} (${[...kept, ...sides].join(', ')}) SELECT ${[...keys, ...before, ...values].join(', ')}
     FROM ${table.sql} WHERE ${openRows(change)}${after ? ` AND ${compareKey(key, keys, '>', after)}` : ''}
     ORDER BY ${keys.join(', ')} LIMIT ${batchSize} FOR UPDATE`,
  );
  await run.fault('images_kept');
  if (count === 0) return { count, last: null };
  const fresh = `i.changed = 0${after ? ` AND ${compareKey(key, keyNames(images, 'i.'), '>', after)}` : ''}`;
  const [last] = await connection.values(
    `SELECT ${keyNames(images, 'i.').join(', ')} FROM ${images.sql} AS i WHERE ${fresh}
     ORDER BY ${keyNames(images, 'i.')
       .map((each) => `${each} DESC`)
       .join(', ')} LIMIT 1`,
  );
  const set = columns.slice(0, intended).map((column, index) => `t.${quote(column.name)} = i.a${index + 1}`);
  await connection.execute(
    `UPDATE ${table.sql} AS t JOIN ${images.sql} AS i ON ${sameKey(images, 'i', 't')} SET ${set.join(', ')} WHERE ${fresh}`,
  );
  await run.fault('rows_changed');
  await keepAfterImages(connection, images, fresh);
  return { count, last: last as Key };
}

/** Keeps what the rows hold now, with what the store and triggers have made of them. */
export async function keepAfterImages(connection: Connection, images: ImageTable, where: string): Promise<void> {
  const set = images.columns.map((column, index) => `i.a${index + 1} = t.${quote(column.name)}`);
  await connection.execute(
    `UPDATE ${images.sql} AS i JOIN ${images.table.sql} AS t ON ${sameKey(images, 'i', 't')}
     SET ${[...set, 'i.changed = 1'].join(', ')} WHERE ${where}`,
  );
}

/** Rows that meet the condition and have no image yet. */
function openRows({ images, where }: RowChange): string {
  const self = 'polyshift_images';
  return `(${where}) AND NOT EXISTS (SELECT 1 FROM ${images.sql} AS ${self} WHERE ${sameKey(images, self, quote(images.table.name))})`;
}

async function countOpen(database: Database, change: RowChange): Promise<number> {
  const row = await database.row<{ count: string }>(
    `SELECT COUNT(*) AS count FROM ${change.images.table.sql} WHERE ${openRows(change)}`,
  );
  return Number(row!.count);
}

/** Rows that have an image. */
export async function countImages(database: Database, images: Pick<ImageTable, 'sql'>): Promise<number> {
  const row = await database.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${images.sql}`);
  return Number(row!.count);
}

/** The keys of the next images behind a key, in order. */
export async function nextKeys(database: Database, images: ImageTable, after: Key | null, size: number): Promise<Key[]> {
  const names = keyNames(images, 'i.');
  const read = images.key.map((column, index) => readExpression({ ...column, name: `k${index + 1}` }, 'i.'));
  const rows = await database.values(
    `SELECT ${read.join(', ')} FROM ${images.sql} AS i WHERE ${after ? compareKey(images.key, names, '>', after) : 'TRUE'}
     ORDER BY ${names.join(', ')} LIMIT ${size}`,
  );
  return rows as Key[];
}
