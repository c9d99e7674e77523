import type { RecordCondition, RecordEntry, RecordRange, RecordStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import type { Database } from './database.ts';

/** One table of small JSON records: the journal, the locks, what is kept aside, and the list of collections. */
export class Records implements RecordStore {
  readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** The view is for people. */
  ensure(): void {
    this.database.query(
      'CREATE TABLE IF NOT EXISTS polyshift_records (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key))',
    );
    this.database.query(`CREATE VIEW IF NOT EXISTS schema_migrations AS SELECT key AS version, value ->> '$.name' AS name,
      value ->> '$.state' AS state, value ->> '$.checksum' AS checksum, value ->> '$.is_running' AS is_running,
      value ->> '$.applied_at' AS applied_at FROM polyshift_records WHERE kind = 'history'`);
  }

  list(kind: string, { prefix = '', after = '', limit = -1 }: RecordRange): RecordEntry[] {
    const where = 'kind = ? AND substr(key, 1, length(?)) = ? AND key > ? ORDER BY key LIMIT ?';
    return this.select(where, kind, prefix, prefix, after, limit);
  }

  get(kind: string, key: string): JsonValue | undefined {
    return this.select('kind = ? AND key = ?', kind, key)[0]?.value;
  }

  update(
    kind: string,
    key: string,
    change: (current: JsonValue | undefined) => JsonValue | undefined,
    condition?: RecordCondition,
  ): boolean {
    return this.database.atomically(() => {
      if (condition && !condition.holds(this.get(condition.kind, condition.key))) return false;
      const next = change(this.get(kind, key));
      if (next === undefined) this.database.query('DELETE FROM polyshift_records WHERE kind = ? AND key = ?', kind, key);
      else this.database.query('REPLACE INTO polyshift_records VALUES (?, ?, ?)', kind, key, JSON.stringify(next));
      return true;
    });
  }

  private select(where: string, ...values: unknown[]): RecordEntry[] {
    if (this.database.query(`SELECT 1 FROM sqlite_schema WHERE name = 'polyshift_records'`).length === 0) return [];
    const sql = `SELECT key, value FROM polyshift_records WHERE ${where}`;
    const found = this.database.query<{ key: string; value: string }>(sql, ...values);
    return found.map(({ key, value }) => ({ key, value: JSON.parse(value) as JsonValue }));
  }
}
