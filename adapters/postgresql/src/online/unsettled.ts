import { PolyshiftError, type RunContext } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import type { Connection, Database } from '../database.ts';
import type { OnlineNames } from './names.ts';

/** Rows that are read at once of those that wait. */
const page = 200;

/** Tries once more what has not reached the other side by now, row by row, and again as long as a row that got there may have stood in the way of others. */
export async function settleAll(database: Database, run: RunContext, names: OnlineNames): Promise<void> {
  for (;;) {
    const { settled, refused } = await settleEach(database, run, names);
    if (settled === 0 || refused === 0) return;
  }
}

async function settleEach(
  database: Database,
  run: RunContext,
  names: OnlineNames,
): Promise<{ settled: number; refused: number }> {
  const tried = { settled: 0, refused: 0 };
  const begun = await database.row<{ at: string }>('SELECT clock_timestamp()::text AS at');
  let last: readonly [at: string, side: string, key: string] = ['-infinity', '', '{}'];
  for (;;) {
    const rows = await database.rows<{ side: 'old' | 'new'; key: string; at: string }>(
      `SELECT side, key::text, at::text FROM ${names.unsettled}
       WHERE (at, side, key) > ($1::timestamptz, $2, $3::text[]) AND at <= $4::timestamptz ORDER BY unsettled_writes.at, side, unsettled_writes.key LIMIT ${page}`,
      [...last, begun!.at],
    );
    for (const { side, key } of rows) {
      await run.guard();
      const done = await database.fenced(run.fence, (connection) => settle(connection, names, side, key), {
        lock_timeout_ms: 2_000,
      });
      tried[done ? 'settled' : 'refused']++;
    }
    if (rows.length < page) return tried;
    const { at, side, key } = rows.at(-1)!;
    last = [at, side, key];
  }
}

/** Brings one row to the other side; false where that refuses it. */
async function settle(connection: Queryable, names: OnlineNames, side: 'old' | 'new', key: string): Promise<boolean> {
  const row = await connection.row<{ done: boolean }>(
    `SELECT ${side === 'old' ? names.settleOld : names.settleNew}($1::text[], false) AS done`,
    [key],
  );
  return row!.done;
}

/** Brings over what one version has written and the other one lacks, inside a transaction that nobody can write beside. */
export async function settleSide(connection: Connection, names: OnlineNames, side: 'old' | 'new'): Promise<void> {
  const rows = await connection.rows<{ key: string }>(`SELECT key::text FROM ${names.unsettled} WHERE side = $1 ORDER BY at`, [
    side,
  ]);
  let left = rows.map(({ key }) => key);
  for (;;) {
    const refused: string[] = [];
    for (const key of left) if (!(await settle(connection, names, side, key))) refused.push(key);
    if (refused.length === 0 || refused.length === left.length) return;
    left = refused;
  }
}

/** How many writes are refused, and how many wait. */
export async function counts(connection: Queryable, names: OnlineNames): Promise<{ refused: number; waiting: number }> {
  const row = await connection.row<{ refused: string; waiting: string }>(
    `SELECT count(*) FILTER (WHERE refused) AS refused, count(*) FILTER (WHERE NOT refused) AS waiting FROM ${names.unsettled}`,
  );
  return { refused: Number(row!.refused), waiting: Number(row!.waiting) };
}

/** Carries over to the old version what waits for it. Throws WRITTEN_SINCE where it has refused a write of the new one. */
export async function settleBack(connection: Connection, names: OnlineNames): Promise<void> {
  await settleSide(connection, names, 'new');
  const left = await connection.rows<{ key: string; reason: string; count: string }>(
    `SELECT key::text, reason, count(*) OVER () AS count FROM ${names.unsettled} WHERE side = 'new' ORDER BY at LIMIT 5`,
  );
  if (left.length === 0) return;
  throw new PolyshiftError(
    'WRITTEN_SINCE',
    `${left[0]!.count} rows that the new version has written do not fit into the old one: ${left.map(({ key, reason }) => `${key}: ${reason}`).join('; ')}`,
    { hint: 'Correct or delete these rows in the new version, then roll back again.' },
  );
}
