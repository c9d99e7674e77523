import { isPolyshiftError, PolyshiftError, pause, type RunContext } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import type { Connection, Database } from '../database.ts';

/** Milliseconds that one attempt waits for a lock: nobody behind it waits longer. */
export const lockPatience = 300;
const attempts = 20;

/**
 * Runs a fenced transaction with DDL on tables that are in use. Each attempt gives up its wait after {@link lockPatience}, well before the server
 * would look for a deadlock, so that it is always this transaction and never a writer that gives way; the pauses between attempts grow.
 *
 * @throws PolyshiftError STORE_BUSY with the sessions in the way, when no attempt came through
 */
export async function withShortLocks<Result>(
  database: Database,
  run: RunContext,
  tables: readonly number[],
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    await run.guard();
    try {
      return await database.fenced(run.fence, work, { lock_timeout_ms: lockPatience });
    } catch (error) {
      if (!isPolyshiftError(error, 'STORE_BUSY')) throw error;
      if (attempt >= attempts) throw await busy(database, tables, error);
      // An odd part, so that two who are in each other's way do not meet again.
      await pause(50 * attempt + Math.random() * 100, run.signal).catch(() => run.guard());
    }
  }
}

async function busy(database: Queryable, tables: readonly number[], cause: PolyshiftError): Promise<PolyshiftError> {
  const holders = await database.rows<{ who: string }>(
    `SELECT DISTINCT format('process %s (%s, %s), in its transaction for %s s: %s', a.pid, coalesce(nullif(a.application_name, ''), 'no name'), a.state,
       round(extract(epoch FROM clock_timestamp() - a.xact_start)), left(a.query, 100)) AS who
     FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'relation' AND l.granted AND l.relation = ANY($1::oid[]) AND a.pid <> pg_backend_pid()
       AND a.xact_start < clock_timestamp() - interval '1 second' ORDER BY who LIMIT 5`,
    [tables],
  );
  const names = holders.map(({ who }) => who);
  return new PolyshiftError(
    'STORE_BUSY',
    names.length > 0
      ? `a lock is held by ${names.join('; ')}`
      : `a lock was not to be had in ${attempts} attempts: ${cause.message}`,
    { retryable: true, cause, hint: 'Wait until these transactions have ended, or end them, and run again.' },
  );
}
