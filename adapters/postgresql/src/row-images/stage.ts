import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { TableColumn } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { toPolyshiftError } from '../errors.ts';
import { quoteList } from '../identifiers.ts';
import { printCopyRow } from '../source/copy-rows.ts';

/** The temporary table that rows are brought to the server in, before they are merged: `n`, their position, and `s1`, `s2`, ... */
export const stage = 'pg_temp.polyshift_stage';

/** Creates the stage for columns of a table, for the time of the transaction. The key is indexed: see `byIndex`. */
export async function createStage(
  connection: Connection,
  columns: readonly TableColumn[],
  key: readonly TableColumn[],
): Promise<void> {
  const parts = columns.map(
    (column, index) => `s${index + 1} ${column.storage}${column.collation === undefined ? '' : ` COLLATE ${column.collation}`}`,
  );
  await connection.execute(
    `CREATE TEMPORARY TABLE polyshift_stage (${['n integer PRIMARY KEY', ...parts].join(', ')}) ON COMMIT DROP`,
  );
  const indexed = key.map((column) => `s${columns.findIndex((each) => each.name === column.name) + 1}`);
  await connection.execute(`CREATE INDEX ON ${stage} (${indexed.join(', ')})`);
}

/** Sends rows, as texts of the columns' types, to the stage; `first` is the position of the first one. */
export async function fillStage(
  connection: Connection,
  rows: readonly (readonly (string | null)[])[],
  first: number,
): Promise<void> {
  const numbered = rows.map((row, index) => printCopyRow([String(first + index), ...row]));
  await copyText(connection, `COPY ${stage} FROM STDIN`, numbered.join(''));
}

/** Sends rows straight into a table. */
export async function copyRows(
  connection: Connection,
  table: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const names = quoteList(columns.map((column) => column.name));
  await copyText(connection, `COPY ${table} (${names}) FROM STDIN`, rows.map(printCopyRow).join(''));
}

async function copyText(connection: Connection, statement: string, text: string): Promise<void> {
  const stream = connection.client.query(copyFrom(statement));
  try {
    stream.end(text);
    await finished(stream);
  } catch (error) {
    throw toPolyshiftError(error);
  }
}
