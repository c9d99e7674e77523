import type { RunContext } from '@polyshift/core';
import { isPolyshiftError, PolyshiftError, pause } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { blockers } from './blockers.ts';
import { type DefinedTables, quietInstant } from './quiet.ts';

/** Milliseconds between two attempts that wait up to a second. */
const pauses = [100, 200, 400, 800, 1600, 2500];

/** How many attempts, the last ones, are made although a transaction is open: on a server that is never quiet. */
const unquietAttempts = 3;

/** Milliseconds between two attempts that do not wait at all, and for which they go on. */
const briefPauseMs = 10;
const briefPatienceMs = 10_000;

/**
 * Runs statements of definition on tables that are in use, none of which waits longer than a second: who comes behind it waits as long. Where the server
 * can be asked not to wait at all (MariaDB) it is, again and again; elsewhere an instant is looked for in which no transaction is open, and only the last
 * attempts do without. Where a transaction stays in the way, all is tried again after growing pauses: the work must look how far it is. Throws STORE_BUSY, and says who is in
 * the way.
 */
export async function shortDdl<Result>(
  database: Database,
  run: RunContext,
  of: DefinedTables,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  for (const [attempt, after] of [...pauses, undefined].entries()) {
    const unquiet = attempt > pauses.length - unquietAttempts;
    await run.guard();
    try {
      return await database.fenced(run.fence, async (fence) => {
        const own = [String((await fence.values('SELECT CONNECTION_ID()'))[0]![0])];
        return await database.use((connection) => waitingBriefly(connection, of, own, run, work, unquiet));
      });
    } catch (error) {
      if (!isPolyshiftError(error, 'STORE_BUSY')) throw error;
      if (after === undefined || isPolyshiftError(error.cause, 'STORE_BUSY')) throw await busy(database, of, error);
      await pause(after, run.signal).catch(() => run.guard());
    }
  }
  throw new Error('unreachable: the last attempt has returned or thrown');
}

async function waitingBriefly<Result>(
  connection: Connection,
  of: DefinedTables,
  own: readonly string[],
  run: RunContext,
  work: (connection: Connection) => Promise<Result>,
  unquiet: boolean,
): Promise<Result> {
  await connection.execute('SET @polyshift_wait = @@SESSION.lock_wait_timeout, SESSION lock_wait_timeout = 1');
  try {
    if (await waitsNot(connection)) return await withoutWaiting(connection, run, work);
    if (!(await quietInstant(connection, of, own)) && !unquiet)
      throw new PolyshiftError('STORE_BUSY', 'a transaction is open', { retryable: true });
    return await work(connection);
  } finally {
    await connection.execute('SET SESSION lock_wait_timeout = @polyshift_wait').catch(() => {});
  }
}

/** Whether statements of this session now fail at once where they would have to wait. */
async function waitsNot(connection: Connection): Promise<boolean> {
  try {
    await connection.execute('SET SESSION lock_wait_timeout = 0');
  } catch (error) {
    if (!isPolyshiftError(error, 'CONNECTION_LOST')) return false;
    throw error;
  }
  const [row] = await connection.values('SELECT @@SESSION.lock_wait_timeout');
  return Number(row![0]) === 0;
}

async function withoutWaiting<Result>(
  connection: Connection,
  run: RunContext,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await work(connection);
    } catch (error) {
      if (!isPolyshiftError(error, 'STORE_BUSY')) throw error;
      if (performance.now() - startedAt > briefPatienceMs)
        throw new PolyshiftError('STORE_BUSY', error.message, { retryable: true, cause: error });
      await pause(briefPauseMs, run.signal).catch(() => run.guard());
    }
  }
}

async function busy(database: Database, { schema, tables }: DefinedTables, cause: PolyshiftError): Promise<PolyshiftError> {
  const sessions = await database.use((connection) => blockers(connection, schema, tables));
  const who = sessions.length === 0 ? 'a transaction holds it' : `in the way: ${sessions.join(', ')}`;
  return new PolyshiftError('STORE_BUSY', `${tables.join(', ')} cannot be locked for an instant: ${who}.`, {
    retryable: true,
    hint: 'Wait until these transactions have ended, or end them; then run again.',
    cause,
  });
}
