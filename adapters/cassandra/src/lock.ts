import type { LockHolder, LockRecord, LockStore } from '@polyshift/core';
import { types } from 'cassandra-driver';
import { type DriverRow, writeIf } from './cql/execute.ts';
import { outcomeUnknown } from './errors.ts';
import { journalName, readJournal, scope, settled } from './journal-table.ts';
import type { Store } from './store.ts';

/** A lock as it is stored. Its row stays over releases, without a holder, so that tokens only grow. */
interface LockRow {
  readonly fence: bigint;
  readonly holder: LockHolder | undefined;
  readonly acquired_at: Date;
  readonly expires_at: Date;
  /** The coordinator's time when it was read. */
  readonly now: Date;
}

/** Leases as conditional writes into the journal's partition, judged by the clock of the coordinator in the same statement. */
export function lockStore(store: Store): LockStore {
  const table = journalName(store);
  const row = "WHERE scope = ? AND kind = 'lock' AND key = ?";

  const readRow = async (name: string): Promise<LockRow | undefined> => {
    const rows = await readJournal(
      store,
      'fence, holder, acquired_at, expires_at, toTimestamp(now()) AS now',
      "AND kind = 'lock' AND key = ?",
      [name],
    );
    return rows[0] && fromRow(rows[0]);
  };

  /** The statement that takes the lock, by what it looks like; undefined while somebody holds it. */
  const take = async (
    name: string,
    holder: LockHolder,
    ttl_ms: number,
    found: LockRow | undefined,
  ): Promise<boolean | undefined> => {
    const lease = 'toTimestamp(now()) + (duration)?';
    const [held, ttl] = [JSON.stringify(holder), duration(ttl_ms)];
    if (!found) {
      const insert = `INSERT INTO ${table} (scope, kind, key, fence, holder, acquired_at, expires_at) VALUES (?, 'lock', ?, 1, ?, toTimestamp(now()), ${lease}) IF NOT EXISTS`;
      return (await writeIf(store, insert, [scope, name, held, ttl])).applied;
    }
    const free = found.holder === undefined;
    if (!free && found.expires_at > found.now) return undefined;
    const update = `UPDATE ${table} SET fence = ?, holder = ?, acquired_at = toTimestamp(now()), expires_at = ${lease} ${row}
      IF fence = ? AND ${free ? 'holder = null' : 'expires_at <= toTimestamp(now())'}`;
    return (await writeIf(store, update, [found.fence + 1n, held, ttl, scope, name, found.fence])).applied;
  };

  const change = async (
    name: string,
    token: bigint,
    assignments: string,
    values: readonly (types.Duration | bigint)[],
  ): Promise<boolean> => {
    const update = `UPDATE ${table} SET ${assignments} ${row} IF fence = ? AND holder != null`;
    return (await writeIf(store, update, [...values, scope, name, token])).applied;
  };

  return {
    async acquire(name, holder, ttl_ms) {
      for (;;) {
        const found = await readRow(name);
        const expected = found ? found.fence + 1n : 1n;
        let taken: boolean | undefined;
        try {
          taken = await take(name, holder, ttl_ms, found);
        } catch (error) {
          if (!outcomeUnknown(error)) throw error;
          // A serial read brings an unfinished write to its end: then the row says who holds the lock.
          const after = await settled(() => readRow(name));
          taken = after?.fence === expected && after.holder?.id === holder.id;
        }
        if (taken) return { acquired: true, token: Number(expected) };
        if (taken === undefined) return { acquired: false, current: toRecord(name, found!, found!.holder!) };
        // Somebody was faster, or has given it back just now: the row is looked at again.
      }
    },

    renew: (name, token, ttl_ms) =>
      settled(() => change(name, BigInt(token), 'expires_at = toTimestamp(now()) + (duration)?', [duration(ttl_ms)])),

    async release(name, token) {
      try {
        return await change(name, BigInt(token), 'holder = null', []);
      } catch (error) {
        if (!outcomeUnknown(error)) throw error;
        const after = await settled(() => readRow(name));
        if (after?.fence === BigInt(token) && after.holder === undefined) return true;
        return settled(() => change(name, BigInt(token), 'holder = null', []));
      }
    },

    async read(name) {
      const found = await readRow(name);
      return found?.holder && toRecord(name, found, found.holder);
    },

    async breakLock(name) {
      for (;;) {
        const found = await readRow(name);
        if (!found?.holder) return undefined;
        const broken = await settled(() => change(name, found.fence, 'holder = null, fence = ?', [found.fence + 1n]));
        const after = broken ? undefined : await readRow(name);
        // A write of unknown outcome that was sent again finds its own token.
        if (broken || (after?.fence === found.fence + 1n && after.holder === undefined))
          return toRecord(name, found, found.holder);
      }
    },
  };
}

function duration(milliseconds: number): types.Duration {
  return new types.Duration(0, 0, types.Long.fromNumber(Math.round(milliseconds) * 1_000_000));
}

function fromRow(row: DriverRow): LockRow {
  const holder: unknown = row['holder'];
  return {
    fence: row['fence'] as bigint,
    holder: typeof holder === 'string' ? (JSON.parse(holder) as LockHolder) : undefined,
    acquired_at: row['acquired_at'] as Date,
    expires_at: row['expires_at'] as Date,
    now: row['now'] as Date,
  };
}

function toRecord(name: string, row: LockRow, holder: LockHolder): LockRecord {
  return {
    name,
    token: Number(row.fence),
    holder,
    acquired_at: row.acquired_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    expired: row.expires_at <= row.now,
  };
}
