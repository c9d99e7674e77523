import { hostname } from 'node:os';
import type { StoreSession } from '../adapter/adapter.ts';
import type { LockRecord } from '../adapter/journal-store.ts';
import { noticeMs } from '../journal/lease.ts';
import { pause } from '../journal/pause.ts';
import { migrationLock } from './run.ts';

/**
 * Takes a lock, by default that of migrations, away from whoever holds it. The former holder, if it lives, stops before its next write, and nobody else gets
 * the lock before it has had the time to. A dead holder's lock needs no unlock: its lease ends by itself.
 *
 * @returns the lock as it was, or undefined where nobody held it
 */
export async function unlock(session: StoreSession, lock: string = migrationLock): Promise<LockRecord | undefined> {
  if ((await session.journal.format()) === undefined) return undefined;
  const broken = await session.locks.breakLock(lock);
  if (broken && !broken.expired) await holdWhileNoticed(session, lock);
  return broken;
}

/** Holds the lock for as long as its former holder may need to find out that it has lost it. A run that has taken it meanwhile keeps it. */
async function holdWhileNoticed({ locks }: StoreSession, lock: string): Promise<void> {
  const holder = { id: 'unlock', host: hostname(), pid: process.pid, command: 'unlock' };
  const taken = await locks.acquire(lock, holder, 4 * noticeMs);
  if (!taken.acquired) return;
  await pause(2 * noticeMs);
  await locks.release(lock, taken.token);
}
