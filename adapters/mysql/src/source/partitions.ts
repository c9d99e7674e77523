import type { TableIndex } from '../catalog/create-statement.ts';
import { fieldsOf, type TableColumn } from '../catalog/table.ts';
import type { Queryable, Raw } from '../connection.ts';
import { quote } from '../identifiers.ts';
import { typeParts } from '../types.ts';
import { readExpression } from '../values/literal.ts';
import type { Key } from './bounds.ts';
import { estimatedCuts } from './estimated-cuts.ts';

/** Tables up to this many rows are cut exactly; beyond, estimates of the index or a sample show where. */
const exactUpTo = 100_000;
const sampleRows = 20_000;

/**
 * Keys that cut the rows into at most `want` parts of about the same size. However rough a sample is, the parts cover every row
 * once: they are ranges of the key, the first and the last without end.
 *
 * @param range the part of the table that is cut; all of it where missing
 */
export async function boundaries(
  connection: Queryable,
  table: { sql: string; approximateCount: number | undefined; indexes?: readonly TableIndex[] },
  key: readonly TableColumn[],
  where: string,
  want: number,
  range = 'TRUE',
): Promise<Key[]> {
  const count = table.approximateCount ?? 0;
  const rows =
    count <= exactUpTo
      ? await exactCuts(connection, table.sql, key, where, want)
      : key.length === 1 && isWhole(key[0]!)
        ? await numberCuts(connection, table, key[0]!, want, range)
        : await sampledCuts(connection, table.sql, key, where, want, sampleRows / count);
  // Keys that are not unique may repeat: a range between equal bounds would be empty.
  const text = (cut: readonly Raw[]): string =>
    JSON.stringify(cut.map((part) => (Buffer.isBuffer(part) ? part.toString('hex') : part)));
  return rows.filter((cut, index) => index === 0 || text(cut) !== text(rows[index - 1]!)) as Key[];
}

/** Whether cuts cost little, so that they can be asked for while a table is read: of large tables with other keys, every key is looked at. */
export function isCheaplyCut(
  { approximateCount = 0 }: { approximateCount: number | undefined },
  key: readonly TableColumn[],
): boolean {
  return approximateCount <= exactUpTo || (key.length === 1 && isWhole(key[0]!));
}

async function exactCuts(
  connection: Queryable,
  sql: string,
  key: readonly TableColumn[],
  where: string,
  want: number,
): Promise<Raw[][]> {
  const names = key.map((column) => quote(column.name)).join(', ');
  const read = key.map((column) => `${readExpression(column)}`).join(', ');
  return await connection.values(
    `SELECT ${read} FROM (
       SELECT ${names}, ROW_NUMBER() OVER (ORDER BY ${names}) - 1 AS polyshift_row, COUNT(*) OVER () AS polyshift_count
       FROM ${sql} WHERE ${where}) AS numbered
     WHERE polyshift_row > 0 AND polyshift_row * ${want} DIV polyshift_count <> (polyshift_row - 1) * ${want} DIV polyshift_count
     ORDER BY polyshift_row`,
  );
}

function isWhole({ type, native }: TableColumn): boolean {
  return /^int/.test(type.kind) || typeParts(native).word === 'bigint';
}

/** Whole numbers are cut without a row being read; where no index begins with them, by their values, so that parts differ in size where numbers are missing. */
async function numberCuts(
  connection: Queryable,
  table: { readonly sql: string; readonly indexes?: readonly TableIndex[] },
  column: TableColumn,
  want: number,
  range: string,
): Promise<Raw[][]> {
  const name = quote(column.name);
  const [row] = await connection.values(`SELECT MIN(${name}), MAX(${name}) FROM ${table.sql} WHERE ${range}`);
  const [least, most] = row ?? [];
  if (least == null || most == null) return [];
  const [from, to] = [BigInt(least as string | number), BigInt(most as string | number)];
  const index = table.indexes?.find((each) => fieldsOf(each)[0] === column.name);
  if (index) {
    const source = { table: table.sql, column: column.name, index: index.kind === 'primary' ? 'PRIMARY' : index.name! };
    const cuts = await estimatedCuts(connection, source, [from, to], want);
    if (cuts.length > 0) return cuts.map((cut) => [String(cut)]);
  }
  return Array.from({ length: want - 1 }, (_, nth) => [String(from + ((to - from) * BigInt(nth + 1)) / BigInt(want))]);
}

async function sampledCuts(
  connection: Queryable,
  sql: string,
  key: readonly TableColumn[],
  where: string,
  want: number,
  share: number,
): Promise<Raw[][]> {
  const read = key.map((column) => readExpression(column)).join(', ');
  const order = key.map((column) => quote(column.name)).join(', ');
  const rows = await connection.values(`SELECT ${read} FROM ${sql} WHERE RAND() < ${share} AND (${where}) ORDER BY ${order}`);
  return Array.from({ length: want - 1 }, (_, index) => rows[Math.floor(((index + 1) * rows.length) / want)]).filter(
    (row) => row !== undefined,
  );
}
