import type { JsonObject } from '@polyshift/core';
import { isWritable, readTable, requireColumn, requireRowKey, type Table, type TableColumn } from '../catalog/table.ts';
import type { Connection, Queryable } from '../connection.ts';
import { asideName } from '../handler/aside.ts';
import { literal, quote } from '../identifiers.ts';
import { typeParts } from '../types.ts';
import { isGeometry } from '../values/encode-text.ts';
import { type SqlColumn, sameExactly } from '../values/literal.ts';

/** What the table of row images of a step is called among its tables aside. */
export const imageTableName = 'images';

/**
 * A table that keeps, for each row that a step changes, its key (`k1`, ...) and the columns as they were (`b1`, ...) and as the step left
 * them (`a1`, ...). It is written in the transaction that changes the row: a row that stands in it is not changed a second time,
 * whatever is killed and started again.
 */
export interface ImageTable extends NamedImages {
  /** Its name. */
  readonly name: string;
  readonly table: Table;
  readonly key: readonly TableColumn[];
  readonly columns: readonly TableColumn[];
}

/** An image table by names and types, which is what it takes to bring rows back. */
export interface NamedImages {
  /** Quoted. */
  readonly sql: string;
  readonly table: { readonly sql: string };
  readonly key: readonly { readonly name: string }[];
  /** The columns that the step sets, then those that the store or triggers may change with them. */
  readonly columns: readonly SqlColumn[];
  /** How many of `columns` the step itself sets. */
  readonly intended: number;
}

/** Works out the image table of a step; creates nothing. Throws UNSUPPORTED_OPERATION for a table without a row key. */
export async function planImages(
  connection: Queryable,
  aside: string,
  collection: string,
  fields: readonly string[],
  keyFields?: readonly string[],
): Promise<ImageTable> {
  const table = await readTable(connection, collection);
  const rowKey = requireRowKey(table);
  const key = (keyFields ?? rowKey).map((field) => requireColumn(table, field));
  const intended = fields.map((field) => requireColumn(table, field));
  const triggers = await connection.row(
    `SELECT 1 FROM information_schema.triggers WHERE event_object_schema = ${literal(table.schema)}
     AND event_object_table = ${literal(table.name)} AND action_timing = 'BEFORE' AND event_manipulation <> 'DELETE' LIMIT 1`,
  );
  const further = table.columns.filter(
    (column) =>
      (column.onUpdate || triggers !== undefined) && !intended.includes(column) && !key.includes(column) && isWritable(column),
  );
  const name = asideName(aside, imageTableName);
  return { name, sql: quote(name), table, key, columns: [...intended, ...further], intended: intended.length };
}

/** Creates the image table. Idempotent. Ends an open transaction. */
export async function createImages(connection: Connection, images: ImageTable): Promise<void> {
  const columns = [
    ...images.key.map((column, index) => `k${index + 1} ${keyType(column)} NOT NULL`),
    ...images.columns.map((column, index) => `b${index + 1} ${storageType(column)} NULL`),
    ...images.columns.map((column, index) => `a${index + 1} ${storageType(column)} NULL`),
    'inserted boolean NOT NULL DEFAULT 0',
    'changed boolean NOT NULL DEFAULT 0',
    'restored boolean NOT NULL DEFAULT 0',
    `PRIMARY KEY (${keyNames(images).join(', ')})`,
  ];
  await connection.execute(`CREATE TABLE IF NOT EXISTS ${images.sql} (${columns.join(', ')}) ENGINE=InnoDB`);
}

/** A type that holds every value of a column, and compares as it does. */
export function keyType(column: TableColumn): string {
  return `${column.native}${collationOf(column)}`;
}

/** A type that holds every value of a column; texts of any length, because twice as many as in the table would not fit into a row. */
export function storageType(column: TableColumn): string {
  const { word } = typeParts(column.native);
  if (/char$|text$/.test(word)) return `longtext${collationOf(column)}`;
  if (/binary$|blob$/.test(word)) return 'longblob';
  return isGeometry(column.native) ? 'geometry' : keyType(column);
}

function collationOf({ charset, collation }: TableColumn): string {
  return collation === undefined ? '' : ` CHARACTER SET ${charset} COLLATE ${collation}`;
}

/** What an undo record keeps of an image table: a script is written from it when the table may look otherwise. */
export type ImageNames = { key: string[]; columns: { name: string; native: string; type: JsonObject }[]; intended: number };

/** See {@link ImageNames}. */
export function imageNames({ key, columns, intended }: ImageTable): ImageNames {
  return {
    key: key.map(({ name }) => name),
    columns: columns.map(({ name, native, type }) => ({ name, native, type: type as unknown as JsonObject })),
    intended,
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

/** The condition that each intended column of a row is, letter by letter, what the image says (`a` or `b`). */
export function matchesImage(images: NamedImages, row: string, image: string, side: 'a' | 'b', count = images.intended): string {
  const terms = images.columns
    .slice(0, count)
    .map((column, index) => sameExactly(column, `${row}.${quote(column.name)}`, `${image}.${side}${index + 1}`));
  return terms.length === 0 ? 'TRUE' : terms.join(' AND ');
}
