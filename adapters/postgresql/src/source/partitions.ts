import type { Table, TableColumn } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { quote, quoteList } from '../identifiers.ts';

/** Tables up to this many rows are cut exactly; beyond, a sample shows where. */
const exactUpTo = 100_000;
const sampleRows = 20_000;

/** Whether a sample shows where a table can be cut. */
function isSampled({ kind, approximateCount = 0 }: Table): boolean {
  return (kind === 'r' || kind === 'm') && approximateCount > exactUpTo;
}

/** Whether cuts of a table cost little, so that they can be asked for while it is read: of others, as of large views, every row is looked at. */
export function isCheaplyCut(table: Table): boolean {
  return isSampled(table) || (table.approximateCount !== undefined && table.approximateCount <= exactUpTo);
}

/**
 * Keys, as texts, that cut the rows into at most `want` parts of about the same size. However rough a sample is, the parts cover every row
 * once: they are ranges of the key, the first and the last without end.
 */
export async function boundaries(
  connection: Queryable,
  table: Table,
  key: readonly TableColumn[],
  where: string,
  values: readonly unknown[],
  want: number,
): Promise<string[][]> {
  const names = quoteList(key.map((column) => column.name));
  const texts = key.map((column) => `(${quote(column.name)})::text`).join(', ');
  const count = table.approximateCount ?? 0;
  const canSample = isSampled(table);
  const percent = Math.min(100, Math.max(0.01, (sampleRows * 100) / Math.max(count, 1)));
  const sample = canSample ? ` TABLESAMPLE SYSTEM (${percent.toFixed(4)}) REPEATABLE (1)` : '';
  const rows = await connection.texts(
    `SELECT ${texts} FROM (
       SELECT ${names}, row_number() OVER (ORDER BY ${names}) - 1 AS polyshift_row, count(*) OVER () AS polyshift_count
       FROM ${table.sql}${sample} WHERE ${where}) AS numbered
     WHERE polyshift_row > 0 AND polyshift_row * ${want} / polyshift_count <> (polyshift_row - 1) * ${want} / polyshift_count
     ORDER BY polyshift_row`,
    values,
  );
  // Keys that are not unique may repeat: a range between equal bounds would be empty, but harmless ones are left out too.
  const cuts = rows as string[][];
  return cuts.filter((cut, index) => index === 0 || cut.some((text, part) => text !== cuts[index - 1]![part]));
}
