import { PolyshiftError } from '@polyshift/core';
import { readColumns, readTable, requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import type { TableName } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import { asideTable, createAsideSchema } from '../handler/aside.ts';
import { quote } from '../identifiers.ts';

/** The name of the table of row images in the aside schema of a step. */
export const imageTableName = 'row_images';

/**
 * A table that keeps, for each row that a step changes, its key (`k1`, ...) and the columns as they were (`b1`, ...) and as the step left
 * them (`a1`, ...), in the columns' own types. It is written in the transaction that changes the row: a row that stands in it is not
 * changed a second time, whatever is killed and started again.
 */
export interface ImageTable extends NamedImages {
  readonly table: Table;
  readonly key: readonly TableColumn[];
  readonly columns: readonly TableColumn[];
}

/** An image table by names alone, which is what it takes to bring rows back. */
export interface NamedImages {
  /** Qualified and quoted. */
  readonly sql: string;
  readonly table: { readonly sql: string };
  readonly key: readonly { readonly name: string }[];
  /** The columns that the step sets, then those that triggers of the table may change with them. */
  readonly columns: readonly { readonly name: string }[];
  /** How many of `columns` the step itself sets. */
  readonly intended: number;
  /** Triggers that run before an update and may change further columns, and how each is enabled (O, R, A). */
  readonly triggers: readonly { readonly name: string; readonly enabled: string }[];
}

/** Works out the image table of a step; creates nothing. Throws UNSUPPORTED_OPERATION for a table without a row key. */
export async function planImages(
  connection: Queryable,
  aside: string,
  collection: string | TableName,
  fields: readonly string[],
  keyFields?: readonly string[],
): Promise<ImageTable> {
  const table =
    typeof collection === 'string' ? await readTable(connection, collection) : await readColumns(connection, collection);
  const key = (keyFields ?? requireRowKey(table)).map((field) => requireColumn(table, field));
  const intended = fields.map((field) => requireColumn(table, field));
  const triggers = await connection.rows<{ name: string; enabled: string }>(
    // Bits of tgtype: 1 row, 2 before, 16 update.
    `SELECT tgname AS name, tgenabled::text AS enabled FROM pg_trigger
     WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 19 = 19 ORDER BY tgname`,
    [table.oid],
  );
  const further =
    triggers.length === 0
      ? []
      : table.columns.filter((column) => !intended.includes(column) && !key.includes(column) && isWritable(column));
  return {
    sql: asideTable(aside, imageTableName),
    table,
    key,
    columns: [...intended, ...further],
    intended: intended.length,
    triggers,
  };
}

/** What identifies a row. Throws UNSUPPORTED_OPERATION where nothing does. */
export function requireRowKey(table: Table): readonly string[] {
  if (table.rowKey.length > 0) return table.rowKey;
  throw new PolyshiftError(
    'UNSUPPORTED_OPERATION',
    `${table.name} has neither a primary key nor a unique index over columns that are never null: nothing identifies its rows.`,
    { hint: 'Add a primary key first, for example by add_constraint.' },
  );
}

/** Whether a value can be given to the column: not to one that the server computes. */
export function isWritable(column: TableColumn): boolean {
  return column.generated !== 'stored' && column.generated !== 'virtual';
}

/** Creates the image table. Idempotent. */
export async function createImages(connection: Queryable, aside: string, images: ImageTable): Promise<void> {
  await createAsideSchema(connection, aside);
  const collate = (column: TableColumn): string => (column.collation === undefined ? '' : ` COLLATE ${column.collation}`);
  const columns = [
    ...images.key.map((column, index) => `k${index + 1} ${column.storage}${collate(column)} NOT NULL`),
    ...images.columns.map((column, index) => `b${index + 1} ${column.storage}${collate(column)}`),
    ...images.columns.map((column, index) => `a${index + 1} ${column.storage}${collate(column)}`),
    'inserted boolean NOT NULL DEFAULT false',
    'changed boolean NOT NULL DEFAULT false',
    'restored boolean NOT NULL DEFAULT false',
    `PRIMARY KEY (${keyNames(images).join(', ')})`,
  ];
  await connection.execute(`CREATE TABLE IF NOT EXISTS ${images.sql} (${columns.join(', ')})`);
}

/** The names in an image table, for the undo record: a script is written from them when the table may look otherwise. */
export type ImageNames = { key: string[]; columns: string[]; intended: number; triggers: { name: string; enabled: string }[] };

/** What an undo record keeps of an image table. */
export function imageNames({ key, columns, intended, triggers }: ImageTable): ImageNames {
  return {
    key: key.map(({ name }) => name),
    columns: columns.map(({ name }) => name),
    intended,
    triggers: triggers.map(({ name, enabled }) => ({ name, enabled })),
  };
}

/** `k1, k2, ...`, each behind the qualifier. */
export function keyNames(images: Pick<NamedImages, 'key'>, qualifier = ''): string[] {
  return images.key.map((_, index) => `${qualifier}k${index + 1}`);
}

/** The condition that an image and a row of the table are of the same key. */
export function sameKey(images: Pick<NamedImages, 'key'>, image: string, row: string): string {
  return images.key.map((column, index) => `${image}.k${index + 1} = ${row}.${quote(column.name)}`).join(' AND ');
}

/** The condition that the image's key lies behind `after` (if any) and not behind `upTo`. */
export function keyRange(
  images: Pick<ImageTable, 'key'>,
  image: string,
  after: readonly string[] | null,
  upTo: readonly string[] | null,
  bind: (text: string, type: string) => string,
): string {
  const names = keyNames(images, `${image}.`).join(', ');
  const bound = (texts: readonly string[]): string =>
    texts.map((text, index) => bind(text, images.key[index]!.storage)).join(', ');
  const terms: string[] = [];
  if (after) terms.push(`(${names}) > (${bound(after)})`);
  if (upTo) terms.push(`(${names}) <= (${bound(upTo)})`);
  return terms.length === 0 ? 'true' : terms.join(' AND ');
}

/** The condition that each intended column of a row is, letter by letter, what the image says (`a` or `b`). */
export function matchesImage(images: NamedImages, row: string, image: string, side: 'a' | 'b', count = images.intended): string {
  const terms = images.columns
    .slice(0, count)
    .map((column, index) => `${row}.${quote(column.name)}::text IS NOT DISTINCT FROM ${image}.${side}${index + 1}::text`);
  return terms.length === 0 ? 'true' : terms.join(' AND ');
}
