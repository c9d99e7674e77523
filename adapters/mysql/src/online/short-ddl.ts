import type { RunContext } from '@polyshift/core';
import { isPolyshiftError, PolyshiftError, pause } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { blockers } from './blockers.ts';

/** Milliseconds between two attempts. */
const pauses = [100, 200, 400, 800, 1600, 2500, 2500, 2500];

/**
 * Runs statements of definition on tables that are in use, none of which waits longer than a second: who comes behind it waits as long. Where a
 * transaction is in the way, all is tried again after growing pauses: the work must look how far it is. Throws STORE_BUSY, and says who is in the
 * way.
 */
export async function shortDdl<Result>(
  database: Database,
  run: RunContext,
  of: { readonly schema: string; readonly tables: readonly string[] },
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  for (const after of [...pauses, undefined]) {
    await run.guard();
    try {
      return await database.fenced(run.fence, () => database.use((connection) => waitingBriefly(connection, work)));
    } catch (error) {
      if (!isPolyshiftError(error, 'STORE_BUSY')) throw error;
      if (after === undefined) throw await busy(database, of, error);
      await pause(after, run.signal).catch(() => run.guard());
    }
  }
  throw new Error('unreachable: the last attempt has returned or thrown');
}

async function waitingBriefly<Result>(
  connection: Connection,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  await connection.execute('SET @polyshift_wait = @@SESSION.lock_wait_timeout, SESSION lock_wait_timeout = 1');
  try {
    return await work(connection);
  } finally {
    await connection.execute('SET SESSION lock_wait_timeout = @polyshift_wait').catch(() => {});
  }
}

async function busy(
  database: Database,
  { schema, tables }: { readonly schema: string; readonly tables: readonly string[] },
  cause: PolyshiftError,
): Promise<PolyshiftError> {
  const sessions = await database.use((connection) => blockers(connection, schema, tables));
  const who = sessions.length === 0 ? 'a transaction holds it' : `in the way: ${sessions.join(', ')}`;
  return new PolyshiftError('STORE_BUSY', `${tables.join(', ')} cannot be locked for an instant: ${who}.`, {
    retryable: true,
    hint: 'Wait until these transactions have ended, or end them; then run again.',
    cause,
  });
}
