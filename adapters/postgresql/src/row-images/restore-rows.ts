import type { Progress, RunContext } from '@polyshift/core';
import type { Connection, Database } from '../database.ts';
import { hasAsideTable } from '../handler/aside.ts';
import { describeKey } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { Parameters } from '../parameters.ts';
import { byIndex } from './by-index.ts';
import { countImages } from './change-rows.ts';
import { type ImageTable, imageTableName, keyNames, keyRange, matchesImage, sameKey } from './image-table.ts';

/**
 * Brings rows back from their before-images, in batches: rows that the step inserted are deleted, rows that it changed get their old
 * values. A row that the application has written since keeps that write; the last progress note counts and names such rows.
 */
export async function* restoreRows(
  database: Database,
  run: RunContext,
  images: ImageTable,
  batchSize: number,
): AsyncIterable<Progress> {
  if (!(await hasAsideTable(database, run.aside, imageTableName))) {
    yield { rows_done: 0, rows_total: 0 };
    return;
  }
  const rows_total = await countImages(database, images);
  let { after = null, done = 0 } = (run.checkpoint ?? {}) as { after?: readonly string[] | null; done?: number };
  for (;;) {
    await run.guard();
    const keys = await nextKeys(database, images, after, batchSize);
    if (keys.length === 0) break;
    const upTo = keys[keys.length - 1]!;
    await database.fenced(run.fence, async (connection) => {
      await withoutTriggers(connection, images, async () => {
        await byIndex(connection, () => restoreBatch(connection, images, after, upTo));
      });
    });
    await run.fault('batch_restored');
    done += keys.length;
    after = upTo;
    await run.save({ after: [...after], done }, done);
    yield { rows_done: done, rows_total };
  }
  const note = await keptNote(database, images);
  yield note === undefined ? { rows_done: rows_total, rows_total } : { rows_done: rows_total, rows_total, note };
}

/** Deletes and restores the rows of a range of keys, all that nobody has written since. */
export async function restoreBatch(
  connection: Connection,
  images: ImageTable,
  after: readonly string[] | null,
  upTo: readonly string[] | null,
): Promise<void> {
  const key = sameKey(images, 'i', 't');
  const finish = (source: string): string =>
    `WITH back AS (${source} RETURNING ${keyNames(images, 'i.').join(', ')})
     UPDATE ${images.sql} AS kept SET restored = true FROM back
     WHERE ${keyNames(images)
       .map((name) => `kept.${name} = back.${name}`)
       .join(' AND ')}`;
  const open = 'i.changed AND NOT i.restored';
  const deletion = new Parameters();
  await connection.rows(
    finish(
      `DELETE FROM ${images.table.sql} AS t USING ${images.sql} AS i WHERE i.inserted AND ${open} AND ${key}
       AND ${keyRange(images, 'i', after, upTo, deletion.bind)} AND ${matchesImage(images, 't', 'i', 'a')}`,
    ),
    deletion.values,
  );
  if (images.columns.length === 0) return;
  const update = new Parameters();
  await connection.rows(
    finish(
      `UPDATE ${images.table.sql} AS t SET ${assignments(images)} FROM ${images.sql} AS i WHERE NOT i.inserted AND ${open} AND ${key}
       AND ${keyRange(images, 'i', after, upTo, update.bind)} AND ${matchesImage(images, 't', 'i', 'a')}`,
    ),
    update.values,
  );
}

/** What a trigger has changed beside the intended columns goes back too, unless somebody has written it since. */
function assignments(images: ImageTable): string {
  return images.columns
    .map((column, index) => {
      const name = quote(column.name);
      const back = `i.b${index + 1}`;
      if (index < images.intended) return `${name} = ${back}`;
      return `${name} = CASE WHEN t.${name}::text IS NOT DISTINCT FROM i.a${index + 1}::text THEN ${back} ELSE t.${name} END`;
    })
    .join(', ');
}

/**
 * Runs work while the triggers that would change the restored values again are off. They are on again before the transaction ends, so that
 * nobody else's write ever misses them; other writers wait that long.
 */
export async function withoutTriggers(connection: Connection, images: ImageTable, work: () => Promise<void>): Promise<void> {
  for (const { name } of images.triggers) {
    await connection.execute(`ALTER TABLE ${images.table.sql} DISABLE TRIGGER ${quote(name)}`);
  }
  await work();
  for (const { name, enabled } of images.triggers) {
    const how = enabled === 'A' ? 'ENABLE ALWAYS' : enabled === 'R' ? 'ENABLE REPLICA' : 'ENABLE';
    await connection.execute(`ALTER TABLE ${images.table.sql} ${how} TRIGGER ${quote(name)}`);
  }
}

async function nextKeys(
  database: Database,
  images: ImageTable,
  after: readonly string[] | null,
  size: number,
): Promise<string[][]> {
  const parameters = new Parameters();
  const range = keyRange(images, 'i', after, null, parameters.bind);
  const names = keyNames(images, 'i.').join(', ');
  const rows = await database.texts(
    `SELECT ${names} FROM ${images.sql} AS i WHERE ${range} ORDER BY ${names} LIMIT ${size}`,
    parameters.values,
  );
  return rows as string[][];
}

/** Rows that were not brought back because somebody has written or deleted them since. */
async function keptNote(database: Database, images: ImageTable): Promise<string | undefined> {
  const names = keyNames(images, 'i.');
  const rows = await database.texts(
    `SELECT count(*) OVER (), ${names.join(', ')} FROM ${images.sql} AS i LEFT JOIN ${images.table.sql} AS t ON ${sameKey(images, 'i', 't')}
     WHERE i.changed AND NOT i.restored
       AND NOT (i.inserted AND t.${quote(images.key[0]!.name)} IS NULL)
       AND NOT (NOT i.inserted AND t.${quote(images.key[0]!.name)} IS NOT NULL AND ${matchesImage(images, 't', 'i', 'b')})
     ORDER BY ${names.join(', ')} LIMIT 5`,
  );
  if (rows.length === 0) return undefined;
  const count = Number(rows[0]![0]);
  const examples = rows.map((row) =>
    describeKey(
      images.key.map((column) => column.name),
      row.slice(1),
    ),
  );
  return `kept ${count} rows written since (${examples.join('; ')}${count > examples.length ? '; ...' : ''})`;
}
