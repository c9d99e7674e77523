import { journalFormat, PolyshiftError } from '@polyshift/core';
import type { Database } from './database.ts';
import { errorNumber } from './errors.ts';

const key = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL';
const tail = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4';

/**
 * The tables stand in the migrated database itself, because a user of it may have rights nowhere else, and a dump of it then carries its history.
 * Records are kept as text, not JSON: MySQL's JSON rewrites numbers and the order of fields. The row of a fence is apart from that of
 * its lock, so that a heartbeat need not wait for a transaction that holds the fence.
 */
const statements = [
  `CREATE TABLE IF NOT EXISTS polyshift_schema_migrations (
    version varchar(255) ${key} PRIMARY KEY,
    name varchar(1024) NOT NULL,
    checksum varchar(255) NOT NULL,
    state varchar(32) NOT NULL,
    is_running boolean NOT NULL,
    started_at datetime(6) NOT NULL,
    applied_at datetime(6),
    duration_ms double,
    run_id varchar(255) NOT NULL,
    steps_done int NOT NULL,
    steps_total int NOT NULL,
    error longtext,
    \`rank\` int NOT NULL,
    format int NOT NULL
  ) ${tail}`,
  `CREATE TABLE IF NOT EXISTS polyshift_lock (
    name varchar(255) ${key} PRIMARY KEY,
    token bigint NOT NULL,
    holder longtext,
    acquired_at datetime(6) NOT NULL,
    expires_at datetime(6) NOT NULL
  ) ${tail}`,
  `CREATE TABLE IF NOT EXISTS polyshift_fence (name varchar(255) ${key} PRIMARY KEY, token bigint NOT NULL, held boolean NOT NULL) ${tail}`,
  `CREATE TABLE IF NOT EXISTS polyshift_records (
    kind varchar(16) ${key},
    name varchar(512) ${key},
    record longtext NOT NULL,
    updated_at datetime(6) NOT NULL,
    PRIMARY KEY (kind, name)
  ) ${tail}`,
  // Written last: where it stands, everything stands.
  `INSERT IGNORE INTO polyshift_records VALUES ('meta', 'format', '${journalFormat}', UTC_TIMESTAMP(6))`,
];

/** A column of time as ISO 8601 text in UTC, in microseconds. */
export function timestampText(column: string): string {
  return `DATE_FORMAT(${column}, '%Y-%m-%dT%H:%i:%s.%fZ')`;
}

/** Takes the microseconds off where they are zero, as JavaScript writes times. */
export function toIso(text: string): string {
  return text.replace(/000Z$/, 'Z');
}

/** Creates the journal's tables, once for each session. */
export class JournalTables {
  private readonly database: Database;
  private done: Promise<void> | undefined;

  constructor(database: Database) {
    this.database = database;
  }

  /** Creates what is missing. Idempotent, safe when several processes call it at once. */
  async ensure(): Promise<void> {
    this.done ??= this.create();
    try {
      await this.done;
    } catch (error) {
      this.done = undefined;
      throw error;
    }
  }

  /** The format that the database holds; undefined where there is none. */
  async format(): Promise<number | undefined> {
    const row = await this.orNothing(() =>
      this.database.row<{ record: string }>(`SELECT record FROM polyshift_records WHERE kind = 'meta' AND name = 'format'`),
    );
    return row && Number(row.record);
  }

  /** What a read gives, or undefined where the journal's tables do not exist yet. */
  async orNothing<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await read();
    } catch (error) {
      if (errorNumber(error) === noSuchTable) return undefined;
      throw error;
    }
  }

  private async create(): Promise<void> {
    const format = await this.format();
    if (format !== undefined && format > journalFormat) {
      throw new PolyshiftError('JOURNAL_FORMAT', `The journal has format ${format}; this version knows ${journalFormat}.`);
    }
    if (format !== undefined) return;
    for (const statement of statements) await this.database.execute(statement);
  }
}

const noSuchTable = 1146;
