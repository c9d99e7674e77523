import type { ErrorCode } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { Table, TableColumn } from '../catalog/table.ts';
import type { Connection, Raw } from '../connection.ts';
import { describeKey } from '../handler/examples.ts';
import { quote, quoteList } from '../identifiers.ts';
import { readExpression, sameExactly } from '../values/literal.ts';
import { keepAfterImages } from './change-rows.ts';
import { type ImageTable, keyNames } from './image-table.ts';
import { stage } from './stage.ts';

/** How staged rows go into a table. */
export interface Merge {
  readonly table: Table;
  /** The columns of the stage, in its order; the key's are among them. */
  readonly columns: readonly TableColumn[];
  readonly key: readonly TableColumn[];
  /** Where inserted keys and before-images are kept; undefined where all rows of the table are of this load. */
  readonly images: ImageTable | undefined;
  /** What happens to a row whose key is there, and was not put there by this load. */
  readonly mode: 'insert' | 'upsert' | 'ignore';
  /** Whether the rows may have been merged before: then equal ones are no duplicates. */
  readonly replay: boolean;
}

/** A staged row that was not taken. */
export interface Refusal {
  readonly n: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What became of the staged rows; every one of them is counted once. */
export interface Merged {
  inserted: number;
  replaced: number;
  already_there: number;
  readonly refused: Refusal[];
}

/**
 * Merges the stage into the table, inside the caller's transaction: what was there before is kept as an image in the same transaction. The
 * stage is empty afterwards. A row that breaks a rule of the table is an error of the whole; the caller looks for it.
 */
export async function mergeStage(connection: Connection, merge: Merge): Promise<Merged> {
  const result: Merged = { inserted: 0, replaced: 0, already_there: 0, refused: [] };
  const settle = async (rows: readonly Raw[][], message: (key: string) => string): Promise<void> => {
    for (const [n, same, ...key] of rows) {
      if (merge.replay && Number(same) === 1) result.already_there++;
      else result.refused.push({ n: Number(n), code: 'DUPLICATE_KEY', message: message(keyText(merge, key)) });
    }
    await unstage(connection, rows);
  };
  const nulls = await connection.values(`SELECT s.n, 0, ${keysOf(merge)} FROM ${stage} AS s WHERE ${nullKey(merge)}`);
  for (const [n, , ...key] of nulls) {
    result.refused.push({ n: Number(n), code: 'CONSTRAINT_VIOLATED', message: `the key is null: ${keyText(merge, key)}` });
  }
  await unstage(connection, nulls);
  await settle(await twins(connection, merge), (key) => `two rows of the batch have the key ${key}`);
  if (merge.images) {
    const written = await connection.values(
      `SELECT s.n, ${sameAsImage(merge, merge.images)}, ${keysOf(merge)} FROM ${stage} AS s JOIN ${merge.images.sql} AS i ON ${stagedKey(merge, 'i')}`,
    );
    await settle(written, (key) => `this load has already written the key ${key}`);
  }
  // The rows that are there stay locked until the transaction ends.
  const present = await connection.values(
    `SELECT s.n, ${sameAsTable(merge)}, ${keysOf(merge)} FROM ${stage} AS s JOIN ${merge.table.sql} AS t ON ${stagedTableKey(merge)} FOR UPDATE`,
  );
  if (merge.images && merge.mode === 'upsert') {
    if (present.length > 0) await replace(connection, merge, merge.images, present);
    result.replaced += present.length;
  } else if (merge.images && merge.mode === 'ignore') result.already_there += present.length;
  else await settle(present, (key) => `the key ${key} exists already`);
  await unstage(connection, present);
  result.inserted += await insert(connection, merge);
  return result;
}

/** Takes rows out of the stage by their positions. */
async function unstage(connection: Connection, rows: readonly Raw[][]): Promise<void> {
  if (rows.length > 0) await connection.execute(`DELETE FROM ${stage} WHERE n IN (${rows.map(([n]) => Number(n)).join(', ')})`);
}

/**
 * Rows with the key of an earlier one in the stage, and whether they are the same in all. A temporary table can stand only once in a
 * statement, so that a row is compared with the first of its key by a window over both; mostly there are none, which is cheaper to find out.
 */
async function twins(connection: Connection, merge: Merge): Promise<Raw[][]> {
  const keys = merge.key.map((column) => staged(merge, column)).join(', ');
  const [counts] = await connection.values(`SELECT COUNT(*), COUNT(DISTINCT ${keys}) FROM ${stage} AS s`);
  if (Number(counts![0]) === Number(counts![1])) return [];
  const window = `OVER (PARTITION BY ${merge.key.map((column) => staged(merge, column)).join(', ')} ORDER BY s.n)`;
  const compared = merge.columns.map((column, index) => sameExactly(column, `g.s${index + 1}`, `g.f${index + 1}`));
  const all = merge.columns.map((_, index) => `s.s${index + 1}, FIRST_VALUE(s.s${index + 1}) ${window} AS f${index + 1}`);
  return await connection.values(
    `SELECT g.n, ${compared.join(' AND ')}, ${keysOf(merge, 'g.')} FROM (
       SELECT s.n, ROW_NUMBER() ${window} AS place, ${all.join(', ')} FROM ${stage} AS s) AS g WHERE g.place > 1`,
  );
}

/** Inserts what is left in the stage. */
async function insert(connection: Connection, merge: Merge): Promise<number> {
  const { table, columns, images } = merge;
  const inserted = await connection.execute(
    `INSERT INTO ${table.sql} (${quoteList(columns.map((column) => column.name))})
     SELECT ${columns.map((_, index) => `s.s${index + 1}`).join(', ')} FROM ${stage} AS s ORDER BY s.n`,
  );
  if (images && inserted > 0) {
    const kept = [...images.key, ...images.columns].map((column) => `t.${quote(column.name)}`);
    const names = [...keyNames(images), ...images.columns.map((_, index) => `a${index + 1}`)];
    await connection.execute(
      `INSERT INTO ${images.sql} (${[...names, 'inserted', 'changed'].join(', ')})
       SELECT ${kept.join(', ')}, 1, 1 FROM ${stage} AS s JOIN ${table.sql} AS t ON ${stagedTableKey(merge)}`,
    );
  }
  await connection.execute(`DELETE FROM ${stage}`);
  return inserted;
}

/** Replaces rows that are there: their before-images first. */
async function replace(connection: Connection, merge: Merge, images: ImageTable, present: readonly Raw[][]): Promise<void> {
  const { table, columns, key } = merge;
  const chosen = `s.n IN (${present.map(([n]) => Number(n)).join(', ')})`;
  const before = [...images.key, ...images.columns].map((column) => `t.${quote(column.name)}`);
  const names = [...keyNames(images), ...images.columns.map((_, index) => `b${index + 1}`)];
  const joined = `${stage} AS s JOIN ${table.sql} AS t ON ${stagedTableKey(merge)}`;
  const kept = await connection.execute(
    `INSERT INTO ${images.sql} (${names.join(', ')}) SELECT ${before.join(', ')} FROM ${joined} WHERE ${chosen}`,
  );
  if (kept !== present.length) {
    throw new PolyshiftError('STORE_BUSY', 'The keys of the batch change hands too quickly to be written.', { retryable: true });
  }
  const written = columns.filter((column) => !key.includes(column));
  // With nothing but a key there is nothing to replace; the row only counts as seen.
  if (written.length > 0) {
    const set = written.map((column) => `t.${quote(column.name)} = ${staged(merge, column)}`);
    await connection.execute(`UPDATE ${joined} SET ${set.join(', ')} WHERE ${chosen}`);
  }
  await keepAfterImages(connection, images, 'i.changed = 0');
}

function staged(merge: Merge, column: TableColumn, qualifier = 's.'): string {
  return `${qualifier}s${merge.columns.findIndex((each) => each.name === column.name) + 1}`;
}

function keysOf(merge: Merge, qualifier = 's.'): string {
  return merge.key.map((column) => readExpression({ ...column, name: staged(merge, column, '') }, qualifier)).join(', ');
}

function keyText(merge: Merge, key: readonly Raw[]): string {
  return describeKey(
    merge.key.map((column) => column.name),
    key,
  );
}

function nullKey(merge: Merge): string {
  return merge.key.map((column) => `${staged(merge, column)} IS NULL`).join(' OR ');
}

function stagedKey(merge: Merge, image: string): string {
  return merge.key.map((column, index) => `${image}.k${index + 1} = ${staged(merge, column)}`).join(' AND ');
}

function stagedTableKey(merge: Merge): string {
  return merge.key.map((column) => `t.${quote(column.name)} = ${staged(merge, column)}`).join(' AND ');
}

function sameAsImage(merge: Merge, images: ImageTable): string {
  const terms = images.columns
    .slice(0, images.intended)
    .map((column, index) => sameExactly(column, `i.a${index + 1}`, staged(merge, column)));
  return terms.length === 0 ? '1' : `(${terms.join(' AND ')})`;
}

function sameAsTable(merge: Merge): string {
  return `(${merge.columns.map((column, index) => sameExactly(column, `t.${quote(column.name)}`, `s.s${index + 1}`)).join(' AND ')})`;
}
