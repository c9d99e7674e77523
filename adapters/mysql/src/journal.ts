import type { Fence, HistoryRecord, JournalKind, JournalRecords, JournalStore } from '@polyshift/core';
import { checkFence, type Database, leaseLost } from './database.ts';
import { literal, quote } from './identifiers.ts';
import { type JournalTables, timestampText, toIso } from './journal-tables.ts';

/** How each property of the history is written and read; the names are those of the columns. */
const historyColumns = {
  version: 'text',
  name: 'text',
  checksum: 'text',
  state: 'text',
  is_running: 'boolean',
  started_at: 'time',
  applied_at: 'time',
  duration_ms: 'number',
  run_id: 'text',
  steps_done: 'number',
  steps_total: 'number',
  error: 'text',
  rank: 'number',
  format: 'number',
} as const satisfies Record<keyof HistoryRecord, 'text' | 'boolean' | 'time' | 'number'>;

const historyNames = Object.keys(historyColumns) as (keyof HistoryRecord)[];
const historySelect = historyNames
  .map((name) => (historyColumns[name] === 'time' ? `${timestampText(name)} AS ${name}` : quote(name)))
  .join(', ');
const historyUpdate = historyNames.slice(1).map((name) => `${quote(name)} = VALUES(${quote(name)})`);

const historyTarget = `polyshift_schema_migrations (${historyNames.map(quote).join(', ')})`;
const recordTarget = 'polyshift_records (kind, name, record, updated_at)';
const recordUpdate = 'record = VALUES(record), updated_at = VALUES(updated_at)';

/** The statement that writes a record of the history, for scripts. */
export function historyPut(key: string, record: HistoryRecord): string {
  return putStatement(historyTarget, historyValues(key, record), historyUpdate.join(', '));
}

/** The statement that writes another record of the journal, for scripts. */
export function recordPut(kind: JournalKind, key: string, record: unknown): string {
  return putStatement(recordTarget, recordValues(kind, key, record), recordUpdate);
}

/** The statement that deletes a record of the journal. */
export function deleteStatement(kind: JournalKind, key: string): string {
  return kind === 'history'
    ? `DELETE FROM polyshift_schema_migrations WHERE version = ${literal(key)}`
    : `DELETE FROM polyshift_records WHERE kind = ${literal(kind)} AND name = ${literal(key)}`;
}

function putStatement(target: string, values: readonly string[], update: string): string {
  return `INSERT INTO ${target} VALUES (${values.join(', ')}) ON DUPLICATE KEY UPDATE ${update}`;
}

function historyValues(key: string, record: HistoryRecord): string[] {
  return historyNames.map((name) => historyLiteral(name, name === 'version' ? key : record[name]));
}

function recordValues(kind: JournalKind, key: string, record: unknown): string[] {
  return [literal(kind), literal(key), literal(JSON.stringify(record)), 'UTC_TIMESTAMP(6)'];
}

/** The journal in tables `polyshift_...` of the migrated database. */
export class MysqlJournal implements JournalStore {
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
    return (await this.read(kind, (column) => `${column} = ${literal(key)}`))[0];
  }

  async list<Kind extends JournalKind>(kind: Kind, prefix = ''): Promise<JournalRecords[Kind][]> {
    const length = [...prefix].length;
    return await this.read(kind, (column) => `LEFT(${column}, ${length}) = ${literal(prefix)}`);
  }

  async put<Kind extends JournalKind>(kind: Kind, key: string, record: JournalRecords[Kind], fence?: Fence): Promise<void> {
    if (kind === 'history') await this.putHistory(key, record as HistoryRecord, fence);
    else await this.write(recordTarget, recordValues(kind, key, record), recordUpdate, fence);
  }

  async delete(kind: JournalKind, key: string, fence?: Fence): Promise<void> {
    const statement = deleteStatement(kind, key);
    await this.database.transaction(async (connection) => {
      if (fence) await checkFence(connection, fence);
      await connection.execute(statement);
    });
  }

  private async read<Kind extends JournalKind>(
    kind: Kind,
    condition: (column: string) => string,
  ): Promise<JournalRecords[Kind][]> {
    if (kind === 'history') {
      const rows = await this.tables.orNothing(() =>
        this.database.rows<Record<string, unknown>>(
          `SELECT ${historySelect} FROM polyshift_schema_migrations WHERE ${condition('version')} ORDER BY version`,
        ),
      );
      return (rows ?? []).map(toHistory) as unknown as JournalRecords[Kind][];
    }
    const rows = await this.tables.orNothing(() =>
      this.database.rows<{ record: string }>(
        `SELECT record FROM polyshift_records WHERE kind = ${literal(kind)} AND ${condition('name')} ORDER BY name`,
      ),
    );
    return (rows ?? []).map((row) => JSON.parse(row.record) as JournalRecords[Kind]);
  }

  private async putHistory(key: string, record: HistoryRecord, fence: Fence | undefined): Promise<void> {
    await this.write(historyTarget, historyValues(key, record), historyUpdate.join(', '), fence);
  }

  /** One statement, which writes nothing unless the fence is the current one; see `checkFence` for its lock. */
  private async write(target: string, values: readonly string[], update: string, fence: Fence | undefined): Promise<void> {
    const source = fence
      ? `FROM polyshift_fence AS f WHERE f.name = ${literal(fence.lock)} AND f.token = ${fence.token} AND f.held = 1 LOCK IN SHARE MODE`
      : '';
    const sql = fence
      ? `INSERT INTO ${target} SELECT ${values.join(', ')} ${source} ON DUPLICATE KEY UPDATE ${update}`
      : putStatement(target, values, update);
    const changed = await this.database.execute(sql);
    if (fence && changed === 0) throw leaseLost(fence);
  }
}

function historyLiteral(name: keyof HistoryRecord, value: HistoryRecord[keyof HistoryRecord]): string {
  if (value === null) return 'NULL';
  switch (historyColumns[name]) {
    case 'time':
      return literal(String(value).replace('T', ' ').replace('Z', ''));
    case 'text':
      return literal(String(value));
    default:
      return String(value);
  }
}

function toHistory(row: Record<string, unknown>): HistoryRecord {
  const record: Record<string, unknown> = { ...row, is_running: row['is_running'] === 1 };
  for (const name of ['started_at', 'applied_at']) {
    if (typeof record[name] === 'string') record[name] = toIso(record[name]);
  }
  return record as unknown as HistoryRecord;
}
