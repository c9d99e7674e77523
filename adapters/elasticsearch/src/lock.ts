import { type Fence, type JsonObject, type LockHolder, type LockRecord, type LockStore, PolyshiftError } from '@polyshift/core';
import { journalIndex } from './collection/names.ts';
import { hasType } from './errors.ts';
import { request } from './http/request.ts';
import { entryId, getEntry } from './journal/entries.ts';
import type { Store } from './store.ts';

/** A lock as it is stored: one document per name, kept over releases so that tokens only grow. Times are milliseconds of the server's clock. */
interface LockDocument {
  readonly kind: 'lock';
  readonly key: string;
  readonly token: number;
  readonly held: boolean;
  readonly holder: LockHolder;
  readonly acquired_at: number;
  readonly expires_at: number;
  /** When it was broken: the server's time of that moment. */
  readonly broken_at?: number;
}

// Each script runs on the document's shard and writes it only as it was read there: one atomic statement, with the server's own time.
const acquireScript = `
  long now = ctx._now;
  if (ctx._source.held == true && ctx._source.expires_at > now) { ctx.op = 'none' }
  else {
    ctx._source.kind = 'lock';
    ctx._source.key = params.name;
    ctx._source.token = ctx._source.token == null ? 1L : ((Number) ctx._source.token).longValue() + 1L;
    ctx._source.held = true;
    ctx._source.holder = params.holder;
    ctx._source.acquired_at = now;
    ctx._source.expires_at = now + ((Number) params.ttl_ms).longValue();
  }`;
const isCurrent = `ctx._source.held == true && ((Number) ctx._source.token).longValue() == ((Number) params.token).longValue()`;
const renewScript = `if (${isCurrent}) { ctx._source.expires_at = ctx._now + ((Number) params.ttl_ms).longValue() } else { ctx.op = 'none' }`;
const releaseScript = `if (${isCurrent}) { ctx._source.held = false } else { ctx.op = 'none' }`;
const touchScript = `if (${isCurrent}) { ctx._source.touched_at = ctx._now; ctx._source.touched = params.nonce } else { ctx.op = 'none' }`;
const breakScript = `
  if (ctx._source.held == true) {
    ctx._source.held = false;
    ctx._source.broken_at = ctx._now;
    ctx._source.token = ((Number) ctx._source.token).longValue() + 1L;
  } else { ctx.op = 'none' }`;

/** Conflicts that the server itself repeats a script for. */
const retries = 20;

/** Leases, judged by the clock of the server. */
export function lockStore(store: Store): LockStore {
  const read = async (name: string): Promise<LockRecord | undefined> => {
    const found = await getEntry<LockDocument>(store, journalIndex(store), lockId(name));
    return found?.held ? toRecord(found, await serverTime(store)) : undefined;
  };

  return {
    async acquire(name, holder, ttl_ms) {
      const { result, lock } = await run(store, name, acquireScript, { name, holder: { ...holder }, ttl_ms }, true);
      if (result !== 'noop') return { acquired: true, token: lock!.token };
      return { acquired: false, current: { ...toRecord(lock!, lock!.acquired_at), expired: false } };
    },

    renew: async (name, token, ttl_ms) => (await run(store, name, renewScript, { token, ttl_ms })).result === 'updated',

    release: async (name, token) => (await run(store, name, releaseScript, { token })).result === 'updated',

    read,

    async breakLock(name) {
      const { result, lock } = await run(store, name, breakScript, {});
      return result === 'updated' && lock ? toRecord({ ...lock, token: lock.token - 1 }, lock.broken_at!) : undefined;
    },
  };
}

/** Checks that a fence's token is the current one and writes the lock's document in the same step. Throws LEASE_LOST. */
export async function holdsLock(store: Store, fence: Fence): Promise<void> {
  const { result } = await run(store, fence.lock, touchScript, { token: fence.token, nonce: Math.random() });
  if (result !== 'updated') throw leaseLost(fence);
}

/** What a write says whose lock is another's. */
export function leaseLost(fence: Fence): PolyshiftError {
  return new PolyshiftError('LEASE_LOST', `the lock ${fence.lock} has gone to another run: token ${fence.token} is outdated`);
}

async function run(
  store: Store,
  name: string,
  source: string,
  params: JsonObject,
  create = false,
): Promise<{ result: string; lock?: LockDocument }> {
  try {
    const answer = await request<{ result: string; get: { _source: LockDocument } }>(
      store,
      'POST',
      [journalIndex(store), '_update', lockId(name)],
      {
        body: { script: { source, params }, ...(create ? { scripted_upsert: true, upsert: {} } : {}) },
        query: { retry_on_conflict: retries, _source: true },
      },
    );
    return { result: answer.result, lock: answer.get._source };
  } catch (error) {
    if (hasType(error, 'document_missing_exception')) return { result: 'noop' };
    throw error;
  }
}

/** The time of the server; this machine's where the user may not ask for it. */
async function serverTime(store: Store): Promise<number> {
  const answer = await request<{ result?: string }>(store, 'POST', ['_scripts', 'painless', '_execute'], {
    body: { script: { source: 'return new Date().getTime()' } },
    accepted: [400, 403],
  });
  return answer.result === undefined ? Date.now() : Number(answer.result);
}

function lockId(name: string): string {
  return entryId('lock', name);
}

function toRecord(lock: LockDocument, now: number): LockRecord {
  return {
    name: lock.key,
    token: lock.token,
    holder: lock.holder,
    acquired_at: new Date(lock.acquired_at).toISOString(),
    expires_at: new Date(lock.expires_at).toISOString(),
    expired: lock.expires_at <= now,
  };
}
