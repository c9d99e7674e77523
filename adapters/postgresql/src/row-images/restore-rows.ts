import type { Progress, RunContext } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import type { Connection, Database } from '../database.ts';
import { asideTable, hasAsideTable } from '../handler/aside.ts';
import { describeKey } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { Parameters } from '../parameters.ts';
import { block } from '../script/block.ts';
import { byIndex } from './by-index.ts';
import { countImages } from './change-rows.ts';
import {
  type ImageNames,
  type ImageTable,
  imageTableName,
  keyNames,
  keyRange,
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
  const range = new Parameters();
  for (const statement of restoreStatements(images, keyRange(images, 'i', after, upTo, range.bind)))
    await connection.rows(statement, range.values);
}

/** The statements that delete and restore the rows whose images (`i`) lie in a range. */
export function restoreStatements(images: NamedImages, range: string): string[] {
  const finish = (source: string): string =>
    `WITH back AS (${source} RETURNING ${keyNames(images, 'i.').join(', ')})
     UPDATE ${images.sql} AS kept SET restored = true FROM back
     WHERE ${keyNames(images)
       .map((name) => `kept.${name} = back.${name}`)
       .join(' AND ')}`;
  const open = `i.changed AND NOT i.restored AND ${sameKey(images, 'i', 't')} AND ${range} AND ${matchesImage(images, 't', 'i', 'a')}`;
  return [
    finish(`DELETE FROM ${images.table.sql} AS t USING ${images.sql} AS i WHERE i.inserted AND ${open}`),
    ...(images.columns.length === 0
      ? []
      : [
          finish(
            `UPDATE ${images.table.sql} AS t SET ${assignments(images)} FROM ${images.sql} AS i WHERE NOT i.inserted AND ${open}`,
          ),
        ]),
  ];
}

/**
 * The statements that bring all rows of a step back at once, for scripts; none where the step has changed no row yet. Triggers are off as in
 * {@link withoutTriggers}, and what was written since stays and is told of.
 */
export async function restoreScript(connection: Queryable, aside: string, table: string, names: ImageNames): Promise<string[]> {
  if (!(await hasAsideTable(connection, aside, imageTableName))) return [];
  const named = (list: readonly string[]) => list.map((name) => ({ name }));
  const images = {
    ...names,
    sql: asideTable(aside, imageTableName),
    table: { sql: table },
    key: named(names.key),
    columns: named(names.columns),
  };
  return [
    `ANALYZE ${images.sql}`,
    ...triggersOff(images),
    ...restoreStatements(images, 'true'),
    ...triggersOn(images),
    block(
      `SELECT count(*) INTO kept ${keptRows(images)};
  IF kept > 0 THEN RAISE WARNING 'polyshift: kept % rows written since', kept; END IF;`,
      'kept bigint;',
    ),
  ];
}

/** What a trigger has changed beside the intended columns goes back too, unless somebody has written it since. */
function assignments(images: NamedImages): string {
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
  for (const statement of triggersOff(images)) await connection.execute(statement);
  await work();
  for (const statement of triggersOn(images)) await connection.execute(statement);
}

function triggersOff({ table, triggers }: NamedImages): string[] {
  return triggers.map(({ name }) => `ALTER TABLE ${table.sql} DISABLE TRIGGER ${quote(name)}`);
}

function triggersOn({ table, triggers }: NamedImages): string[] {
  return triggers.map(({ name, enabled }) => {
    const how = enabled === 'A' ? 'ENABLE ALWAYS' : enabled === 'R' ? 'ENABLE REPLICA' : 'ENABLE';
    return `ALTER TABLE ${table.sql} ${how} TRIGGER ${quote(name)}`;
  });
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

/** The images (`i`) of rows (`t`) that were not brought back, behind FROM. */
function keptRows(images: NamedImages): string {
  return `FROM ${images.sql} AS i LEFT JOIN ${images.table.sql} AS t ON ${sameKey(images, 'i', 't')}
     WHERE i.changed AND NOT i.restored
       AND NOT (i.inserted AND t.${quote(images.key[0]!.name)} IS NULL)
       AND NOT (NOT i.inserted AND t.${quote(images.key[0]!.name)} IS NOT NULL AND ${matchesImage(images, 't', 'i', 'b')})`;
}

/** Rows that were not brought back because somebody has written or deleted them since. */
async function keptNote(database: Database, images: ImageTable): Promise<string | undefined> {
  const names = keyNames(images, 'i.');
  const rows = await database.texts(
    `SELECT count(*) OVER (), ${names.join(', ')} ${keptRows(images)} ORDER BY ${names.join(', ')} LIMIT 5`,
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
