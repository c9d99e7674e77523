import type { Fence, JsonValue, LockHolder, LockRecord, LockStore } from '@polyshift/core';
import type { RecordCondition, RecordStore } from './record-store.ts';

/** A lock as its record has it: `held` is null between two holders, so that the token goes on growing. */
interface KeptLock {
  readonly token: number;
  readonly held: { readonly holder: LockHolder; readonly acquired_at: string; readonly expires_at: string } | null;
}

const kind = 'lock';

/** The condition that a fence stands for. */
export function lockCondition(fence: Fence): RecordCondition {
  return { kind, key: fence.lock, holds: (value) => isHeldBy(value as KeptLock | undefined, fence.token) };
}

/**
 * Leases over records.
 * @param now milliseconds since 1970 by the clock that all holders share: the store's, or this machine's where the store has none
 */
export function recordLocks(records: RecordStore, now: () => number | Promise<number>): LockStore {
  async function read(name: string): Promise<LockRecord | undefined> {
    return lockRecord(name, (await records.get(kind, name)) as KeptLock | undefined, await now());
  }
  /** Changes a lock, and gives it as it was. */
  async function change(name: string, next: (lock: KeptLock | undefined) => KeptLock | undefined): Promise<KeptLock | undefined> {
    let before: KeptLock | undefined;
    await records.update(kind, name, (value) => {
      before = value as KeptLock | undefined;
      return next(before) as JsonValue | undefined;
    });
    return before;
  }
  return {
    async acquire(name, holder, ttl_ms) {
      const at = await now();
      const held = { holder, acquired_at: new Date(at).toISOString(), expires_at: new Date(at + ttl_ms).toISOString() };
      const before = await change(name, (lock) => (isLive(lock, at) ? lock : { token: (lock?.token ?? 0) + 1, held }));
      if (isLive(before, at)) return { acquired: false, current: lockRecord(name, before, at)! };
      return { acquired: true, token: (before?.token ?? 0) + 1 };
    },
    async renew(name, token, ttl_ms) {
      const expires_at = new Date((await now()) + ttl_ms).toISOString();
      const before = await change(name, (lock) =>
        isHeldBy(lock, token) ? { token, held: { ...lock!.held!, expires_at } } : lock,
      );
      return isHeldBy(before, token);
    },
    async release(name, token) {
      return isHeldBy(await change(name, (lock) => (isHeldBy(lock, token) ? { token, held: null } : lock)), token);
    },
    read,
    async breakLock(name) {
      const before = await change(name, (lock) => lock && { token: lock.token, held: null });
      return lockRecord(name, before, await now());
    },
  };
}

function isHeldBy(lock: KeptLock | undefined, token: number): boolean {
  return lock?.token === token && lock.held !== null;
}

function isLive(lock: KeptLock | undefined, at: number): boolean {
  return lock !== undefined && lock.held !== null && Date.parse(lock.held.expires_at) > at;
}

function lockRecord(name: string, lock: KeptLock | undefined, at: number): LockRecord | undefined {
  if (!lock?.held) return undefined;
  return { name, token: lock.token, ...lock.held, expired: !isLive(lock, at) };
}
