import type { JsonValue, Progress, RunContext } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { quote } from '../identifiers.ts';
import { compareKey, type Key, keyFromJson, keyToJson } from '../source/bounds.ts';
import { readExpression } from '../values/literal.ts';

/** A column that was null in every row, and gets one value where rows meet a condition. */
export interface ColumnFill {
  readonly table: Table;
  readonly field: string;
  /** As SQL. */
  readonly value: string;
  readonly where: string;
  readonly batchSize: number;
}

/**
 * Fills a column in batches by key, each a fenced transaction; without a row key, in one. A row that has a value is left alone, so that it
 * may be started again at any time; undone it is with the column, so that no images are needed.
 */
export async function* fillColumn(database: Database, run: RunContext, fill: ColumnFill): AsyncIterable<Progress> {
  const open = await database.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${fill.table.sql} WHERE ${openRows(fill)}`);
  const saved = (run.checkpoint ?? {}) as { after?: JsonValue; done?: number };
  let after = keyFromJson(saved.after);
  let done = saved.done ?? 0;
  const rows_total = Number(open!.count) + done;
  let fromStart = after === null;
  for (;;) {
    await run.guard();
    const batch = await database.fenced(run.fence, (connection) => fillBatch(connection, fill, after));
    await run.fault('batch_committed');
    if (batch.count === 0) {
      if (fromStart || batch.last === undefined) break;
      fromStart = true;
      after = null;
      continue;
    }
    done += batch.count;
    after = batch.last ?? null;
    await run.save({ after: after && keyToJson(after), done }, done);
    yield { rows_done: done, rows_total: Math.max(rows_total, done) };
    if (batch.last === undefined) break;
  }
  yield { rows_done: done, rows_total: done };
}

/** `last`: the last key that was dealt with, null where there was none; undefined where the table has no row key. */
async function fillBatch(
  connection: Connection,
  fill: ColumnFill,
  after: Key | null,
): Promise<{ count: number; last: Key | null | undefined }> {
  const { table } = fill;
  // Times that the store would set by itself stay as they are: rollback cannot bring them back.
  const kept = table.columns.filter((column) => column.onUpdate).map(({ name }) => `${quote(name)} = ${quote(name)}`);
  const update = `UPDATE ${table.sql} SET ${[`${quote(fill.field)} = ${fill.value}`, ...kept].join(', ')} WHERE ${openRows(fill)}`;
  if (table.rowKey.length === 0) return { count: await connection.execute(update), last: undefined };
  const key = table.rowKey.map((name) => requireColumn(table, name));
  const names = key.map((column) => quote(column.name));
  const behind = after ? ` AND ${compareKey(key, names, '>', after)}` : '';
  const keys = (await connection.values(
    `SELECT ${key.map((column) => readExpression(column)).join(', ')} FROM ${table.sql} WHERE ${openRows(fill)}${behind}
     ORDER BY ${names.join(', ')} LIMIT ${fill.batchSize} FOR UPDATE`,
  )) as Key[];
  const last = keys.at(-1);
  if (!last) return { count: 0, last: null };
  await connection.execute(`${update}${behind} AND ${compareKey(key, names, '<=', last)}`);
  return { count: keys.length, last };
}

function openRows({ field, where }: ColumnFill): string {
  return `${quote(field)} IS NULL AND (${where})`;
}
