import { journalFormat, PolyshiftError } from '@polyshift/core';
import type { Database } from './database.ts';
import { sqlState } from './errors.ts';

// Any number will do, as long as every polyshift takes the same.
const ensureLock = 7_239_114_502_461_187n;

/**
 * Records are kept as `json`, not `jsonb`: a checkpoint may carry the key of another store, and jsonb refuses NUL characters and
 * rewrites numbers. The unique key over name and token of the lock is what makes a takeover wait for a fenced transaction.
 */
const statements = `
CREATE SCHEMA IF NOT EXISTS polyshift;
CREATE TABLE IF NOT EXISTS polyshift.meta (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), format integer NOT NULL);
INSERT INTO polyshift.meta (format) VALUES (${journalFormat}) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS polyshift.schema_migrations (
  version text PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  state text NOT NULL,
  is_running boolean NOT NULL,
  started_at timestamptz NOT NULL,
  applied_at timestamptz,
  duration_ms double precision,
  run_id text NOT NULL,
  steps_done integer NOT NULL,
  steps_total integer NOT NULL,
  error text,
  rank integer NOT NULL,
  format integer NOT NULL
);
CREATE TABLE IF NOT EXISTS polyshift.migration_steps (key text PRIMARY KEY, record json NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS polyshift.migration_runs (key text PRIMARY KEY, record json NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS polyshift.checkpoints (key text PRIMARY KEY, record json NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS polyshift.migration_lock (
  name text PRIMARY KEY,
  token bigint NOT NULL,
  holder json,
  acquired_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  UNIQUE (name, token)
);
CREATE TABLE IF NOT EXISTS polyshift.step_marks (
  aside text NOT NULL,
  mark text NOT NULL,
  detail json NOT NULL,
  PRIMARY KEY (aside, mark)
);
CREATE TABLE IF NOT EXISTS polyshift.load_batches (aside text NOT NULL, rows bigint NOT NULL);
CREATE INDEX IF NOT EXISTS load_batches_aside ON polyshift.load_batches (aside);
`;

/** A timestamp column as ISO 8601 text in UTC, in microseconds. */
export function timestampText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
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
    return await this.orNothing(
      async () => (await this.database.row<{ format: number }>('SELECT format FROM polyshift.meta'))?.format,
    );
  }

  /** What a read gives, or undefined where the journal's tables do not exist yet. */
  async orNothing<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await read();
    } catch (error) {
      const state = sqlState(error);
      if (state === '42P01' || state === '3F000') return undefined;
      throw error;
    }
  }

  private async create(): Promise<void> {
    const format = await this.format();
    if (format !== undefined && format > journalFormat) {
      throw new PolyshiftError('JOURNAL_FORMAT', `The journal has format ${format}; this version knows ${journalFormat}.`);
    }
    if (format !== undefined && (await this.complete())) return;
    await this.database.transaction(async (connection) => {
      // CREATE ... IF NOT EXISTS still fails when two do it at the same moment.
      await connection.rows('SELECT pg_advisory_xact_lock($1)', [ensureLock]);
      await connection.execute(statements);
    });
  }

  /** Whether a table that is created last is there: a role that may not create needs no rights then. */
  private async complete(): Promise<boolean> {
    const row = await this.database.row<{ found: string | null }>(`SELECT to_regclass('polyshift.load_batches') AS found`);
    return row?.found != null;
  }
}
