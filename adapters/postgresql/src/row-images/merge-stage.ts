import type { ErrorCode } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { Table, TableColumn } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { describeKey } from '../handler/examples.ts';
import { quote, quoteList } from '../identifiers.ts';
import { byIndex } from './by-index.ts';
import { type ImageTable, keyNames, sameKey } from './image-table.ts';
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
 * Merges the stage into the table, inside the caller's transaction: what was there before is kept as an image in the same transaction. The stage
 * is empty afterwards. A row that breaks a rule of the table is an error of the whole; the caller looks for it.
 */
export async function mergeStage(connection: Connection, merge: Merge): Promise<Merged> {
  const result: Merged = { inserted: 0, replaced: 0, already_there: 0, refused: [] };
  const taken = (rows: readonly (string | null)[][], message: (key: string) => string): void => {
    for (const [n, same, ...key] of rows) {
      if (merge.replay && same === 't') result.already_there++;
      else refuse(result, n!, 'DUPLICATE_KEY', message(keyText(merge, key)));
    }
  };
  for (const [n, , ...key] of await take(connection, merge, 'false', nullKey(merge))) {
    refuse(result, n!, 'CONSTRAINT_VIOLATED', `the key is null: ${keyText(merge, key)}`);
  }
  taken(await take(connection, merge, sameAsTwin(merge), hasTwin(merge)), (key) => `two rows of the batch have the key ${key}`);
  return await byIndex(connection, () => mergeLeft(connection, merge, result, taken));
}

/** Merges what has a key, and no twin in the stage. */
async function mergeLeft(
  connection: Connection,
  merge: Merge,
  result: Merged,
  taken: (rows: readonly (string | null)[][], message: (key: string) => string) => void,
): Promise<Merged> {
  if (merge.images) {
    const own = `FROM ${merge.images.sql} AS i WHERE ${stagedKey(merge, 'i')}`;
    taken(
      await take(connection, merge, `EXISTS (SELECT ${own} AND ${sameAsImage(merge)})`, `EXISTS (SELECT ${own})`),
      (key) => `this load has already written the key ${key}`,
    );
  }
  for (let pass = 0; pass < 3; pass++) {
    if (merge.mode === 'upsert' && merge.images) result.replaced += await replace(connection, merge, merge.images);
    result.inserted += await insert(connection, merge);
    // Somebody else may have inserted one of the keys in between: the next pass finds it there.
    if (merge.mode !== 'upsert' || !merge.images) break;
  }
  const present = await take(connection, merge, sameAsTable(merge), 'true');
  if (merge.mode === 'upsert' && merge.images && present.length > 0) {
    throw new PolyshiftError('STORE_BUSY', 'The keys of the batch change hands too quickly to be written.', { retryable: true });
  }
  if (merge.mode === 'ignore' && merge.images) result.already_there += present.length;
  else taken(present, (key) => `the key ${key} exists already`);
  return result;
}

function refuse(result: Merged, n: string, code: ErrorCode, message: string): void {
  result.refused.push({ n: Number(n), code, message });
}

/** Takes rows out of the stage; gives position, whether `same` holds, and the key, as texts. */
async function take(connection: Connection, merge: Merge, same: string, condition: string): Promise<(string | null)[][]> {
  const keys = merge.key.map((column) => `s.${staged(merge, column)}`);
  return await connection.texts(
    `WITH looked AS MATERIALIZED (SELECT s.n, (${same}) AS same FROM ${stage} AS s WHERE ${condition})
     DELETE FROM ${stage} AS s USING looked WHERE s.n = looked.n RETURNING s.n, looked.same, ${keys.join(', ')}`,
  );
}

function staged(merge: Merge, column: TableColumn): string {
  return `s${merge.columns.findIndex((each) => each.name === column.name) + 1}`;
}

function keyText(merge: Merge, key: readonly (string | null)[]): string {
  return describeKey(
    merge.key.map((column) => column.name),
    key,
  );
}

function nullKey(merge: Merge): string {
  return merge.key.map((column) => `s.${staged(merge, column)} IS NULL`).join(' OR ');
}

function hasTwin(merge: Merge): string {
  const equal = merge.key.map((column) => `e.${staged(merge, column)} = s.${staged(merge, column)}`).join(' AND ');
  return `EXISTS (SELECT FROM ${stage} AS e WHERE e.n < s.n AND ${equal})`;
}

function sameAsTwin(merge: Merge): string {
  const all = merge.columns.map((_, index) => `e.s${index + 1}::text IS NOT DISTINCT FROM s.s${index + 1}::text`).join(' AND ');
  return `EXISTS (SELECT FROM ${stage} AS e WHERE e.n < s.n AND ${all})`;
}

function stagedKey(merge: Merge, image: string): string {
  return merge.key.map((column, index) => `${image}.k${index + 1} = s.${staged(merge, column)}`).join(' AND ');
}

function sameAsImage(merge: Merge): string {
  const terms = merge
    .images!.columns.slice(0, merge.images!.intended)
    .map((column, index) => `i.a${index + 1}::text IS NOT DISTINCT FROM s.${staged(merge, column)}::text`);
  return terms.length === 0 ? 'true' : terms.join(' AND ');
}

function sameAsTable(merge: Merge): string {
  const all = merge.columns.map((column, index) => `t.${quote(column.name)}::text IS NOT DISTINCT FROM s.s${index + 1}::text`);
  const key = merge.key.map((column) => `t.${quote(column.name)} = s.${staged(merge, column)}`);
  return `EXISTS (SELECT FROM ${merge.table.sql} AS t WHERE ${[...key, ...all].join(' AND ')})`;
}

/** Inserts what is not there, and takes it out of the stage. */
async function insert(connection: Connection, merge: Merge): Promise<number> {
  const { table, columns, key, images } = merge;
  const overriding = columns.some((column) => column.generated === 'identity_always') ? ' OVERRIDING SYSTEM VALUE' : '';
  const returned = images ? [...key, ...images.columns] : key;
  const named = returned.map((column, index) => `t.${quote(column.name)} AS r${index + 1}`);
  const kept = images
    ? `, kept AS (INSERT INTO ${images.sql} (${[...keyNames(images), ...images.columns.map((_, index) => `a${index + 1}`)].join(', ')}, inserted, changed)
        SELECT ${returned.map((_, index) => `r${index + 1}`).join(', ')}, true, true FROM added)`
    : '';
  return await connection.execute(
    `WITH added AS (
       INSERT INTO ${table.sql} AS t (${quoteList(columns.map((column) => column.name))})${overriding}
       SELECT ${columns.map((_, index) => `s${index + 1}`).join(', ')} FROM ${stage} ORDER BY n
       ON CONFLICT (${quoteList(key.map((column) => column.name))}) DO NOTHING RETURNING ${named.join(', ')})${kept}
     DELETE FROM ${stage} AS s USING added WHERE ${key.map((column, index) => `s.${staged(merge, column)} = added.r${index + 1}`).join(' AND ')}`,
  );
}

/** Replaces rows that are there: their before-images first, under a lock on each row. */
async function replace(connection: Connection, merge: Merge, images: ImageTable): Promise<number> {
  const { table, columns, key } = merge;
  const matched = key.map((column) => `t.${quote(column.name)} = s.${staged(merge, column)}`).join(' AND ');
  const before = [...key, ...images.columns].map((column) => `t.${quote(column.name)}`);
  await connection.execute(
    `INSERT INTO ${images.sql} (${[...keyNames(images), ...images.columns.map((_, index) => `b${index + 1}`)].join(', ')})
     SELECT ${before.join(', ')} FROM ${table.sql} AS t JOIN ${stage} AS s ON ${matched} FOR UPDATE OF t`,
  );
  const written = columns.filter((column) => !key.includes(column));
  // With nothing but a key there is nothing to replace; the row only counts as seen.
  const set = (written.length > 0 ? written : key).map((column) => `${quote(column.name)} = s.${staged(merge, column)}`);
  const returned = [...key, ...images.columns].map((column, index) => `t.${quote(column.name)} AS r${index + 1}`);
  const after = [...images.columns.map((_, index) => `a${index + 1} = changed.r${key.length + index + 1}`), 'changed = true'];
  return await connection.execute(
    `WITH changed AS (
       UPDATE ${table.sql} AS t SET ${set.join(', ')} FROM ${stage} AS s
       WHERE ${matched} AND EXISTS (SELECT FROM ${images.sql} AS i WHERE NOT i.changed AND ${sameKey(images, 'i', 't')})
       RETURNING ${returned.join(', ')}),
     kept AS (UPDATE ${images.sql} AS i SET ${after.join(', ')} FROM changed
       WHERE ${key.map((_, index) => `i.k${index + 1} = changed.r${index + 1}`).join(' AND ')})
     DELETE FROM ${stage} AS s USING changed WHERE ${key.map((column, index) => `s.${staged(merge, column)} = changed.r${index + 1}`).join(' AND ')}`,
  );
}
