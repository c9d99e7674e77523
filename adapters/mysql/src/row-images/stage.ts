import type { TableColumn } from '../catalog/table.ts';
import type { Connection, Raw } from '../connection.ts';
import { quoteList } from '../identifiers.ts';
import { literalWriter } from '../values/literal.ts';
import { keyType, storageType } from './image-table.ts';

/** The temporary table that rows are brought to the server in, before they are merged: `n`, their position, and `s1`, `s2`, ... */
export const stage = 'polyshift_stage';

/** Rows by position, in the form of the driver. */
export type RawRows = readonly (readonly Raw[])[];

/** Bytes of one INSERT, about: enough that round trips do not count, far below what any server takes. */
const statementBytes = 1024 * 1024;

/** Creates the stage of a connection, in place of an earlier one. A statement on temporary tables alone ends no transaction. */
export async function createStage(
  connection: Connection,
  columns: readonly TableColumn[],
  key: readonly TableColumn[],
): Promise<void> {
  const parts = columns.map(
    (column, index) => `s${index + 1} ${key.includes(column) ? keyType(column) : storageType(column)} NULL`,
  );
  const indexed = key.map((column) => `s${columns.indexOf(column) + 1}`);
  await connection.execute(`DROP TEMPORARY TABLE IF EXISTS ${stage}`);
  await connection.execute(
    `CREATE TEMPORARY TABLE ${stage} (${['n int PRIMARY KEY', ...parts, `KEY (${indexed.join(', ')})`].join(', ')}) ENGINE=InnoDB`,
  );
}

/** Sends rows to the stage; `first` is the position of the first one. */
export async function fillStage(
  connection: Connection,
  columns: readonly TableColumn[],
  rows: RawRows,
  first: number,
): Promise<void> {
  const target = `${stage} (${['n', ...columns.map((_, index) => `s${index + 1}`)].join(', ')})`;
  await insertRows(connection, target, columns, rows, (index) => `${first + index}, `);
}

/** Sends rows straight into a table. */
export async function copyRows(
  connection: Connection,
  table: string,
  columns: readonly TableColumn[],
  rows: RawRows,
): Promise<void> {
  await insertRows(connection, `${table} (${quoteList(columns.map((column) => column.name))})`, columns, rows, () => '');
}

/** Inserts of many rows each. */
async function insertRows(
  connection: Connection,
  target: string,
  columns: readonly TableColumn[],
  rows: RawRows,
  lead: (index: number) => string,
): Promise<void> {
  const writers = columns.map((column) => literalWriter(column));
  const begin = `INSERT INTO ${target} VALUES `;
  let parts: string[] = [];
  let size = 0;
  for (const [index, row] of rows.entries()) {
    let text = `(${lead(index)}`;
    for (let position = 0; position < writers.length; position++) {
      text += (position > 0 ? ',' : '') + writers[position]!(row[position]!);
    }
    text += ')';
    parts.push(text);
    size += text.length;
    if (size >= statementBytes || index === rows.length - 1) {
      await connection.execute(begin + parts.join(','));
      parts = [];
      size = 0;
    }
  }
}
