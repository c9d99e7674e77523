import type { StoreSession } from '../adapter/adapter.ts';
import type { LockRecord } from '../adapter/journal-store.ts';
import { migrationLock } from './run.ts';

/**
 * Takes the lock of migrations away from whoever holds it. The former holder, if it lives, stops before its next write. A dead
 * holder's lock needs no unlock: its lease ends by itself.
 *
 * @returns the lock as it was, or undefined where nobody held it
 */
export async function unlock(session: StoreSession): Promise<LockRecord | undefined> {
  if ((await session.journal.format()) === undefined) return undefined;
  return session.locks.breakLock(migrationLock);
}
