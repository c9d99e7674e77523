import type { Fence, HistoryRecord, JournalKind, JournalRecords, JournalStore } from '@polyshift/core';
import { type Database, leaseLost } from './database.ts';
import { literal, quote } from './identifiers.ts';
import { type JournalTables, timestampText, toIso } from './journal-tables.ts';

/** The kinds that are kept as JSON, and their tables. */
const jsonTables = {
  step: 'polyshift.migration_steps',
  run: 'polyshift.migration_runs',
  checkpoint: 'polyshift.checkpoints',
} as const satisfies Record<Exclude<JournalKind, 'history'>, string>;

/** The table of a kind of record. */
export function journalTable(kind: JournalKind): string {
  return kind === 'history' ? 'polyshift.schema_migrations' : jsonTables[kind];
}

/** The columns of the history with their types; the names are those of the record. */
const historyColumns = {
  version: 'text',
  name: 'text',
  checksum: 'text',
  state: 'text',
  is_running: 'boolean',
  started_at: 'timestamptz',
  applied_at: 'timestamptz',
  duration_ms: 'double precision',
  run_id: 'text',
  steps_done: 'integer',
  steps_total: 'integer',
  error: 'text',
  rank: 'integer',
  format: 'integer',
} as const satisfies Record<keyof HistoryRecord, string>;

const historyNames = Object.keys(historyColumns) as (keyof HistoryRecord)[];
const historySelect = historyNames
  .map((name) => (historyColumns[name] === 'timestamptz' ? `${timestampText(name)} AS ${name}` : quote(name)))
  .join(', ');

const historyConflict = `ON CONFLICT (version) DO UPDATE SET ${historyNames
  .slice(1)
  .map((name) => `${quote(name)} = excluded.${quote(name)}`)
  .join(', ')}`;
const jsonConflict = 'ON CONFLICT (key) DO UPDATE SET record = excluded.record, updated_at = excluded.updated_at';

function historyInsert(values: readonly string[]): string {
  return `INSERT INTO polyshift.schema_migrations (${historyNames.map(quote).join(', ')}) SELECT ${values.join(', ')}`;
}

function jsonInsert(table: string, key: string, record: string): string {
  return `INSERT INTO ${table} (key, record, updated_at) SELECT ${key}, ${record}, clock_timestamp()`;
}

/** The statement that writes a record of the history, for scripts. */
export function historyPut(key: string, record: HistoryRecord): string {
  const values = historyNames.map((name) => {
    const value = name === 'version' ? key : record[name];
    return value === null ? `NULL::${historyColumns[name]}` : `${literal(String(value))}::${historyColumns[name]}`;
  });
  return `${historyInsert(values)} WHERE true ${historyConflict}`;
}

/** The statement that writes another record of the journal, for scripts. */
export function jsonPut(kind: keyof typeof jsonTables, key: string, record: unknown): string {
  return `${jsonInsert(jsonTables[kind], literal(key), `${literal(JSON.stringify(record))}::json`)} WHERE true ${jsonConflict}`;
}

/** The statement holds back its write unless the fence is the current one; see `checkFence` for the kind of lock. */
const fenceCondition = (lock: number) =>
  `SELECT 1 FROM polyshift.migration_lock WHERE name = $${lock} AND token = $${lock + 1} AND holder IS NOT NULL FOR KEY SHARE`;

/** The journal in the schema `polyshift` of the migrated database. */
export class PostgresJournal implements JournalStore {
  private readonly database: Database;
  private readonly tables: JournalTables;

  constructor(database: Database, tables: JournalTables) {
    this.database = database;
    this.tables = tables;
  }

  async ensure(): Promise<void> {
    await this.tables.ensure();
  }

  async format(): Promise<number | undefined> {
    return await this.tables.format();
  }

  async get<Kind extends JournalKind>(kind: Kind, key: string): Promise<JournalRecords[Kind] | undefined> {
    return (await this.read(kind, 'key = $1', key))[0];
  }

  async list<Kind extends JournalKind>(kind: Kind, prefix = ''): Promise<JournalRecords[Kind][]> {
    return await this.read(kind, 'starts_with(key, $1)', prefix);
  }

  async put<Kind extends JournalKind>(kind: Kind, key: string, record: JournalRecords[Kind], fence?: Fence): Promise<void> {
    if (kind === 'history') await this.putHistory(key, record as HistoryRecord, fence);
    else await this.putJson(jsonTables[kind as Exclude<JournalKind, 'history'>], key, record, fence);
  }

  async delete(kind: JournalKind, key: string, fence?: Fence): Promise<void> {
    const table = journalTable(kind);
    const column = kind === 'history' ? 'version' : 'key';
    const fenced = fence
      ? `WITH fence AS MATERIALIZED (${fenceCondition(2)}), gone AS (DELETE FROM ${table} WHERE ${column} = $1 AND EXISTS (SELECT FROM fence))
         SELECT 1 FROM fence`
      : `DELETE FROM ${table} WHERE ${column} = $1`;
    const rows = await this.database.rows(fenced, [key, ...fenceValues(fence)]);
    if (fence && rows.length === 0) throw leaseLost(fence);
  }

  private async read<Kind extends JournalKind>(kind: Kind, condition: string, value: string): Promise<JournalRecords[Kind][]> {
    if (kind === 'history') {
      const rows = await this.tables.orNothing(() =>
        this.database.rows<Record<string, unknown>>(
          `SELECT ${historySelect} FROM polyshift.schema_migrations
           WHERE ${condition.replace('key', 'version')} ORDER BY version COLLATE "C"`,
          [value],
        ),
      );
      return (rows ?? []).map(toHistory) as unknown as JournalRecords[Kind][];
    }
    const table = jsonTables[kind as Exclude<JournalKind, 'history'>];
    const rows = await this.tables.orNothing(() =>
      this.database.rows<{ record: JournalRecords[Kind] }>(
        `SELECT record FROM ${table} WHERE ${condition} ORDER BY key COLLATE "C"`,
        [value],
      ),
    );
    return (rows ?? []).map((row) => row.record);
  }

  private async putHistory(key: string, record: HistoryRecord, fence: Fence | undefined): Promise<void> {
    const values = historyNames.map((name) => (name === 'version' ? key : record[name]));
    const parameters = historyNames.map((name, index) => `$${index + 1}::${historyColumns[name]}`);
    await this.write(historyInsert(parameters), `${historyConflict} RETURNING 1`, values, fence);
  }

  private async putJson(table: string, key: string, record: unknown, fence: Fence | undefined): Promise<void> {
    await this.write(
      jsonInsert(table, '$1::text', '$2::json'),
      `${jsonConflict} RETURNING 1`,
      [key, JSON.stringify(record)],
      fence,
    );
  }

  private async write(insert: string, conflict: string, values: unknown[], fence: Fence | undefined): Promise<void> {
    const statement = fence
      ? `WITH fence AS MATERIALIZED (${fenceCondition(values.length + 1)}) ${insert} WHERE EXISTS (SELECT FROM fence) ${conflict}`
      : `${insert} WHERE true ${conflict}`;
    const rows = await this.database.rows(statement, [...values, ...fenceValues(fence)]);
    if (fence && rows.length === 0) throw leaseLost(fence);
  }
}

function fenceValues(fence: Fence | undefined): unknown[] {
  return fence ? [fence.lock, fence.token] : [];
}

function toHistory(row: Record<string, unknown>): HistoryRecord {
  const record = { ...row };
  for (const name of ['started_at', 'applied_at']) {
    if (typeof record[name] === 'string') record[name] = toIso(record[name]);
  }
  if (record['duration_ms'] !== null) record['duration_ms'] = Number(record['duration_ms']);
  return record as unknown as HistoryRecord;
}
