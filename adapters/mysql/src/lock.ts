import type { LockHolder, LockRecord, LockStore } from '@polyshift/core';
import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import type { Connection, Queryable } from './connection.ts';
import type { Database } from './database.ts';
import { literal } from './identifiers.ts';
import { type JournalTables, timestampText, toIso } from './journal-tables.ts';

interface LockRow {
  name: string;
  token: string;
  holder: string;
  acquired_at: string;
  expires_at: string;
  expired: string | number;
}

const columns = `name, token, holder, ${timestampText('acquired_at')} AS acquired_at, ${timestampText('expires_at')} AS expires_at,
  expires_at <= UTC_TIMESTAMP(6) AS expired`;

/** Leases in `polyshift_lock`, judged by the server's clock. */
export class MysqlLocks implements LockStore {
  private readonly database: Database;
  private readonly tables: JournalTables;

  constructor(database: Database, tables: JournalTables) {
    this.database = database;
    this.tables = tables;
  }

  async acquire(
    name: string,
    holder: LockHolder,
    ttl_ms: number,
  ): Promise<{ acquired: true; token: number } | { acquired: false; current: LockRecord }> {
    await this.tables.ensure();
    // Between a refusal and the look at the holder the lock can become free: then it is tried again.
    for (let attempt = 0; attempt < 20; attempt++) {
      const token = await this.take(name, holder, ttl_ms);
      if (token !== undefined) return { acquired: true, token };
      const current = await this.read(name);
      if (current && (!current.expired || attempt > 2)) return { acquired: false, current };
    }
    throw new PolyshiftError('STORE_BUSY', `The lock ${name} changes hands too quickly to be taken.`, { retryable: true });
  }

  async renew(name: string, token: number, ttl_ms: number): Promise<boolean> {
    const changed = await this.tables.orNothing(() =>
      this.database.execute(
        `UPDATE polyshift_lock SET expires_at = ${later(ttl_ms)} WHERE name = ${literal(name)} AND token = ${token} AND holder IS NOT NULL`,
      ),
    );
    return (changed ?? 0) > 0;
  }

  async release(name: string, token: number): Promise<boolean> {
    const released = await this.tables.orNothing(() =>
      this.database.transaction(async (connection) => {
        const changed = await connection.execute(
          `UPDATE polyshift_lock SET holder = NULL, expires_at = UTC_TIMESTAMP(6)
           WHERE name = ${literal(name)} AND token = ${token} AND holder IS NOT NULL`,
        );
        if (changed > 0) await writeFence(connection, name, token, false);
        return changed > 0;
      }),
    );
    return released ?? false;
  }

  async read(name: string): Promise<LockRecord | undefined> {
    return await this.tables.orNothing(() => readLock(this.database, name));
  }

  async breakLock(name: string): Promise<LockRecord | undefined> {
    return await this.tables.orNothing(() =>
      this.database.transaction(async (connection) => {
        const held = await readLock(connection, name, ' FOR UPDATE');
        if (!held) return undefined;
        // The token grows, so that whoever held the lock finds its writes refused.
        await connection.execute(
          `UPDATE polyshift_lock SET token = token + 1, holder = NULL, expires_at = UTC_TIMESTAMP(6) WHERE name = ${literal(name)}`,
        );
        await writeFence(connection, name, held.token + 1, false);
        return held;
      }),
    );
  }

  private async take(name: string, holder: LockHolder, ttl_ms: number): Promise<number | undefined> {
    const known = await this.database.row(`SELECT 1 FROM polyshift_lock WHERE name = ${literal(name)}`);
    // A statement of its own: inserting and then updating in one transaction is how several would lock each other out.
    if (!known) {
      await this.database.execute(
        `INSERT IGNORE INTO polyshift_lock VALUES (${literal(name)}, 0, NULL, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
      );
    }
    try {
      return await this.database.transaction(async (connection) => {
        const changed = await connection.execute(
          `UPDATE polyshift_lock SET token = token + 1, holder = ${literal(JSON.stringify(holder))},
             acquired_at = UTC_TIMESTAMP(6), expires_at = ${later(ttl_ms)}
           WHERE name = ${literal(name)} AND (holder IS NULL OR expires_at <= UTC_TIMESTAMP(6))`,
        );
        if (changed === 0) return undefined;
        const row = await connection.row<{ token: string }>(`SELECT token FROM polyshift_lock WHERE name = ${literal(name)}`);
        await writeFence(connection, name, Number(row!.token), true);
        return Number(row!.token);
      });
    } catch (error) {
      // A transaction of the last holder that is still open keeps the fence: it is not ours to wait for without an end.
      if (isPolyshiftError(error, 'STORE_BUSY')) return undefined;
      throw error;
    }
  }
}

async function readLock(connection: Queryable, name: string, locking = ''): Promise<LockRecord | undefined> {
  const row = await connection.row<LockRow>(
    `SELECT ${columns} FROM polyshift_lock WHERE name = ${literal(name)} AND holder IS NOT NULL${locking}`,
  );
  if (!row) return undefined;
  return {
    name: row.name,
    token: Number(row.token),
    holder: JSON.parse(row.holder) as LockHolder,
    acquired_at: toIso(row.acquired_at),
    expires_at: toIso(row.expires_at),
    expired: Number(row.expired) === 1,
  };
}

async function writeFence(connection: Connection, name: string, token: number, held: boolean): Promise<void> {
  await connection.execute(
    `INSERT INTO polyshift_fence VALUES (${literal(name)}, ${token}, ${held ? 1 : 0})
     ON DUPLICATE KEY UPDATE token = VALUES(token), held = VALUES(held)`,
  );
}

function later(ttl_ms: number): string {
  return `UTC_TIMESTAMP(6) + INTERVAL ${Math.round(ttl_ms * 1000)} MICROSECOND`;
}
