import type { JsonValue, Progress, RunContext } from '@polyshift/core';
import type { Connection, Queryable } from '../connection.ts';
import type { Database } from '../database.ts';
import { asideName, hasTable } from '../handler/aside.ts';
import { describeKey } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { compareKey, type Key, keyFromJson, keyToJson } from '../source/bounds.ts';
import { type SqlColumn, sameExactly } from '../values/literal.ts';
import { countImages, nextKeys } from './change-rows.ts';
import {
  type ImageNames,
  type ImageTable,
  imageTableName,
  keyNames,
  matchesImage,
  type NamedImages,
  sameKey,
} from './image-table.ts';

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
  if (!(await hasTable(database, images.name))) {
    yield { rows_done: 0, rows_total: 0 };
    return;
  }
  const rows_total = await countImages(database, images);
  const saved = (run.checkpoint ?? {}) as { after?: JsonValue; done?: number };
  let after = keyFromJson(saved.after);
  let done = saved.done ?? 0;
  for (;;) {
    await run.guard();
    const keys = await nextKeys(database, images, after, batchSize);
    const upTo = keys.at(-1);
    if (!upTo) break;
    await database.fenced(run.fence, (connection) => restoreBatch(connection, images, after, upTo));
    await run.fault('batch_restored');
    done += keys.length;
    after = upTo;
    await run.save({ after: keyToJson(upTo), done }, done);
    yield { rows_done: done, rows_total };
  }
  const note = await keptNote(database, images);
  yield note === undefined ? { rows_done: rows_total, rows_total } : { rows_done: rows_total, rows_total, note };
}

/** Deletes and restores the rows of a range of keys, all that nobody has written since. */
export async function restoreBatch(
  connection: Connection,
  images: ImageTable,
  after: Key | null,
  upTo: Key | null,
): Promise<void> {
  const names = keyNames(images, 'i.');
  const range = [
    ...(after ? [compareKey(images.key, names, '>', after)] : []),
    ...(upTo ? [compareKey(images.key, names, '<=', upTo)] : []),
  ];
  for (const statement of restoreStatements(images, range)) await connection.execute(statement);
}

/** The statements that delete and restore the rows whose images (`i`) meet the conditions. */
export function restoreStatements(images: NamedImages, range: readonly string[]): string[] {
  const joined = `${images.table.sql} AS t JOIN ${images.sql} AS i ON ${sameKey(images, 'i', 't')}`;
  const open = ['i.restored = 0', 'i.changed = 1', ...range, matchesImage(images, 't', 'i', 'a')].join(' AND ');
  return [
    // A deleted row cannot be met again; a row that has its old values could be written to look like the step's, so that the image remembers.
    `DELETE t FROM ${joined} WHERE i.inserted = 1 AND ${open}`,
    ...(images.columns.length === 0
      ? []
      : [`UPDATE ${joined} SET ${[...assignments(images), 'i.restored = 1'].join(', ')} WHERE i.inserted = 0 AND ${open}`]),
  ];
}

/** The statements that bring all rows of a step back at once, for scripts; none where the step has changed no row yet. */
export async function restoreScript(connection: Queryable, aside: string, table: string, names: ImageNames): Promise<string[]> {
  const name = asideName(aside, imageTableName);
  if (!(await hasTable(connection, name))) return [];
  const images = {
    ...names,
    sql: quote(name),
    table: { sql: table },
    key: names.key.map((field) => ({ name: field })),
    columns: names.columns as unknown as SqlColumn[],
  };
  return restoreStatements(images, []);
}

/** What the store or a trigger has changed beside the intended columns goes back too, unless somebody has written it since. */
function assignments(images: NamedImages): string[] {
  return images.columns.map((column, index) => {
    const name = `t.${quote(column.name)}`;
    const back = `i.b${index + 1}`;
    if (index < images.intended) return `${name} = ${back}`;
    return `${name} = IF(${sameExactly(column, name, `i.a${index + 1}`)}, ${back}, ${name})`;
  });
}

/** Rows that were not brought back because somebody has written or deleted them since, or because a trigger has changed them again. */
async function keptNote(database: Database, images: ImageTable): Promise<string | undefined> {
  const names = keyNames(images, 'i.');
  const missing = `t.${quote(images.key[0]!.name)} IS NULL`;
  const rows = await database.values(
    `SELECT COUNT(*) OVER (), ${names.join(', ')} FROM ${images.sql} AS i LEFT JOIN ${images.table.sql} AS t ON ${sameKey(images, 'i', 't')}
     WHERE i.changed = 1 AND NOT (i.inserted = 1 AND ${missing})
       AND NOT (i.inserted = 0 AND NOT (${missing}) AND ${matchesImage(images, 't', 'i', 'b')})
     ORDER BY ${names.join(', ')} LIMIT 5`,
  );
  if (rows.length === 0) return undefined;
  const count = Number(rows[0]![0]);
  const fields = images.key.map((column) => column.name);
  const examples = rows.map((row) => describeKey(fields, row.slice(1)));
  return `kept ${count} rows written since (${examples.join('; ')}${count > examples.length ? '; ...' : ''})`;
}
