import type { Progress, RunContext } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import type { Database } from '../database.ts';
import { quote, quoteList } from '../identifiers.ts';
import { type Bind, Parameters } from '../parameters.ts';
import { compareKey } from '../source/bounds.ts';
import { byIndex } from './by-index.ts';
import { knowColumns } from './know-columns.ts';

/** A column that was null in every row, and gets one value where rows meet a condition. */
export interface ColumnFill {
  readonly table: Table;
  readonly field: string;
  readonly value: (bind: Bind) => string;
  readonly where: (bind: Bind) => string;
  readonly batchSize: number;
}

/**
 * Fills a column in batches by key, each a fenced transaction; without a row key, in one. A row that has a value is left alone, so that it
 * may be started again at any time; undone it is with the column, so that no images are needed.
 */
export async function* fillColumn(database: Database, run: RunContext, fill: ColumnFill): AsyncIterable<Progress> {
  await knowColumns(database, run, fill.table);
  const rows_total = await countOpen(database, fill);
  const { after: stopped = null, done: before = 0 } = (run.checkpoint ?? {}) as { after?: string[] | null; done?: number };
  let after = stopped;
  let done = before;
  let fromStart = after === null;
  for (;;) {
    await run.guard();
    const batch = await database.fenced(run.fence, async (connection) => {
      const { text, values } = fillStatement(fill, after);
      return await byIndex(connection, () => connection.texts(text, values));
    });
    await run.fault('batch_committed');
    if (batch.length === 0) {
      if (fromStart) break;
      fromStart = true;
      after = null;
      continue;
    }
    done += Number(batch[0]![0]);
    after = batch[0]!.slice(1) as string[];
    await run.save({ after, done }, done);
    yield { rows_done: done, rows_total: Math.max(rows_total + before, done) };
    if (fill.table.rowKey.length === 0) break;
  }
  yield { rows_done: done, rows_total: done };
}

function fillStatement(fill: ColumnFill, after: readonly string[] | null): { text: string; values: unknown[] } {
  const { table, field } = fill;
  const parameters = new Parameters();
  const set = `UPDATE ${table.sql} SET ${quote(field)} = ${fill.value(parameters.bind)}`;
  const open = `${quote(field)} IS NULL AND (${fill.where(parameters.bind)})`;
  if (table.rowKey.length === 0) {
    return {
      text: `WITH changed AS (${set} WHERE ${open} RETURNING 1) SELECT count(*) FROM changed HAVING count(*) > 0`,
      values: parameters.values,
    };
  }
  const key = table.rowKey.map((name) => requireColumn(table, name));
  const names = quoteList(table.rowKey);
  const behind = after ? ` AND ${compareKey(key, '>', after, parameters.bind)}` : '';
  const name = quote(table.name);
  const same = table.rowKey.map((each) => `polyshift_picked.${quote(each)} = ${name}.${quote(each)}`).join(' AND ');
  const returned = table.rowKey.map((each) => `polyshift_picked.${quote(each)}`).join(', ');
  const descending = table.rowKey.map((each) => `${quote(each)} DESC`).join(', ');
  const text = `WITH polyshift_picked AS MATERIALIZED (SELECT ${names} FROM ${table.sql} WHERE ${open}${behind} ORDER BY ${names} LIMIT ${fill.batchSize} FOR UPDATE),
    changed AS (${set} FROM polyshift_picked WHERE ${same} RETURNING ${returned})
    SELECT count(*) OVER (), ${names} FROM changed ORDER BY ${descending} LIMIT 1`;
  return { text, values: parameters.values };
}

async function countOpen(database: Database, { table, field, where }: ColumnFill): Promise<number> {
  const parameters = new Parameters();
  const row = await database.row<{ count: string }>(
    `SELECT count(*) AS count FROM ${table.sql} WHERE ${quote(field)} IS NULL AND (${where(parameters.bind)})`,
    parameters.values,
  );
  return Number(row!.count);
}
