import type { JsonObject, RunContext } from '@polyshift/core';
import { isPolyshiftError } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import type { Connection, Database, TransactionOptions } from '../database.ts';

/**
 * A mark in `polyshift.step_marks` says that one part of a step is done. It is written in the transaction that does the part, so that after
 * a kill at any moment nobody has to guess from the look of the schema whether it was this step that made it so.
 */
export async function readMark(connection: Queryable, aside: string, mark: string): Promise<JsonObject | undefined> {
  const row = await connection.row<{ detail: JsonObject }>(
    'SELECT detail FROM polyshift.step_marks WHERE aside = $1 AND mark = $2',
    [aside, mark],
  );
  return row?.detail;
}

/** Writes or replaces a mark. */
export async function writeMark(connection: Queryable, aside: string, mark: string, detail: JsonObject = {}): Promise<void> {
  await connection.rows(
    `INSERT INTO polyshift.step_marks (aside, mark, detail) VALUES ($1, $2, $3)
     ON CONFLICT (aside, mark) DO UPDATE SET detail = excluded.detail`,
    [aside, mark, JSON.stringify(detail)],
  );
}

/** Takes a mark away. */
export async function deleteMark(connection: Queryable, aside: string, mark: string): Promise<void> {
  await connection.rows('DELETE FROM polyshift.step_marks WHERE aside = $1 AND mark = $2', [aside, mark]);
}

/** Milliseconds to wait for a lock: while DDL waits, everybody who comes after it waits too. */
const lockTimeout = 3_000;
const attempts = 8;

/**
 * Runs a fenced transaction with DDL. It gives up waiting for a lock before the application notices, and tries again after a
 * pause. Throws STORE_BUSY when it never got the lock.
 */
export async function ddlTransaction<Result>(
  database: Database,
  run: RunContext,
  work: (connection: Connection) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    await run.guard();
    try {
      return await database.fenced(run.fence, work, { lock_timeout_ms: lockTimeout, ...options });
    } catch (error) {
      if (attempt >= attempts || !isPolyshiftError(error, 'STORE_BUSY')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250 * attempt));
    }
  }
}

/** Does a part of a step once, in one fenced transaction with its mark. Does nothing where the mark is there. */
export async function once(
  database: Database,
  run: RunContext,
  mark: string,
  work: (connection: Connection) => Promise<JsonObject | undefined>,
  options: TransactionOptions = {},
): Promise<void> {
  const apply = async (connection: Connection): Promise<void> => {
    if ((await readMark(connection, run.aside, mark)) !== undefined) return;
    const detail = await work(connection);
    await writeMark(connection, run.aside, mark, detail);
  };
  await ddlTransaction(database, run, apply, options);
}

/** Takes a part of a step back, in one fenced transaction with its mark. Does nothing where the mark is missing. */
export async function undoOnce<Result>(
  database: Database,
  run: RunContext,
  mark: string,
  work: (connection: Connection, detail: JsonObject) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result | undefined> {
  const revert = async (connection: Connection): Promise<Result | undefined> => {
    const detail = await readMark(connection, run.aside, mark);
    if (detail === undefined) return undefined;
    const result = await work(connection, detail);
    await deleteMark(connection, run.aside, mark);
    return result;
  };
  return await ddlTransaction(database, run, revert, options);
}
