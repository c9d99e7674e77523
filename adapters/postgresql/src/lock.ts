import type { LockHolder, LockRecord, LockStore } from '@polyshift/core';
import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import type { Database } from './database.ts';
import { sqlState } from './errors.ts';
import { type JournalTables, timestampText, toIso } from './journal-tables.ts';

interface LockRow {
  name: string;
  token: string;
  holder: LockHolder;
  acquired_at: string;
  expires_at: string;
  expired: boolean;
}

const columns = `name, token, holder, ${timestampText('acquired_at')} AS acquired_at, ${timestampText('expires_at')} AS expires_at,
  expires_at <= clock_timestamp() AS expired`;

/** Leases in `polyshift.migration_lock`, judged by the server's clock. */
export class PostgresLocks implements LockStore {
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
      if (current && !current.expired) return { acquired: false, current };
      if (current && attempt > 2) return { acquired: false, current };
    }
    throw new PolyshiftError('STORE_BUSY', `The lock ${name} changes hands too quickly to be taken.`, { retryable: true });
  }

  async renew(name: string, token: number, ttl_ms: number): Promise<boolean> {
    return await this.change(
      `UPDATE polyshift.migration_lock SET expires_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
       WHERE name = $1 AND token = $2 AND holder IS NOT NULL`,
      [name, token, ttl_ms],
    );
  }

  async release(name: string, token: number): Promise<boolean> {
    return await this.change(
      `UPDATE polyshift.migration_lock SET holder = NULL, expires_at = clock_timestamp()
       WHERE name = $1 AND token = $2 AND holder IS NOT NULL`,
      [name, token],
    );
  }

  async read(name: string): Promise<LockRecord | undefined> {
    const row = await this.tables.orNothing(() =>
      this.database.row<LockRow>(`SELECT ${columns} FROM polyshift.migration_lock WHERE name = $1 AND holder IS NOT NULL`, [
        name,
      ]),
    );
    return row && toRecord(row);
  }

  async breakLock(name: string): Promise<LockRecord | undefined> {
    // The token grows, so that whoever held the lock finds its writes refused.
    const row = await this.tables.orNothing(() =>
      this.database.row<LockRow>(
        `WITH held AS (SELECT * FROM polyshift.migration_lock WHERE name = $1 AND holder IS NOT NULL FOR UPDATE),
           broken AS (UPDATE polyshift.migration_lock AS l SET token = l.token + 1, holder = NULL, expires_at = clock_timestamp()
             FROM held WHERE l.name = held.name RETURNING l.name)
         SELECT ${columns} FROM held WHERE EXISTS (SELECT FROM broken)`,
        [name],
      ),
    );
    return row && toRecord(row);
  }

  private async take(name: string, holder: LockHolder, ttl_ms: number): Promise<number | undefined> {
    try {
      return await this.database.transaction(
        async (connection) => {
          const values = [name, JSON.stringify(holder), ttl_ms];
          // Not one INSERT ... ON CONFLICT (name) DO UPDATE: of two that insert at once, the second could meet the other unique key,
          // over name and token, which that statement reports as an error.
          const row =
            (await connection.row<{ token: string }>(
              `UPDATE polyshift.migration_lock SET token = token + 1, holder = $2::json, acquired_at = clock_timestamp(),
                 expires_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
               WHERE name = $1 AND (holder IS NULL OR expires_at <= clock_timestamp()) RETURNING token`,
              values,
            )) ??
            (await connection.row<{ token: string }>(
              `INSERT INTO polyshift.migration_lock (name, token, holder, acquired_at, expires_at)
               VALUES ($1, 1, $2::json, clock_timestamp(), clock_timestamp() + $3::float8 * interval '1 millisecond')
               ON CONFLICT DO NOTHING RETURNING token`,
              values,
            ));
          return row && Number(row.token);
        },
        // A transaction of the last holder that is still open keeps the row: it is not ours to wait for without an end.
        { lock_timeout_ms: 2_000 },
      );
    } catch (error) {
      if (isPolyshiftError(error) && sqlState(error) === '55P03') return undefined;
      throw error;
    }
  }

  private async change(statement: string, values: readonly unknown[]): Promise<boolean> {
    return ((await this.tables.orNothing(() => this.database.execute(statement, values))) ?? 0) > 0;
  }
}

function toRecord(row: LockRow): LockRecord {
  return { ...row, token: Number(row.token), acquired_at: toIso(row.acquired_at), expires_at: toIso(row.expires_at) };
}
