import type { Check } from '../checks/check.ts';
import type { JsonObject, JsonValue } from '../value/json.ts';
import type { Fence } from './run-context.ts';

/** The format of the journal's records. A store with a higher one is refused. */
export const journalFormat = 1;

/** Where a migration stands. */
export type MigrationState =
  /** `up` is at work, or stopped part-way and can be resumed. */
  | 'running'
  | 'applied'
  /** `down`, or the way back after a failure, is at work or stopped part-way. */
  | 'rolling_back'
  /** Taken back by `down`. */
  | 'rolled_back'
  /** Failed and taken back. */
  | 'failed';

/** One row of the history (`schema_migrations`, on MongoDB `schema_versions`): one migration of this store. Times are ISO 8601 in UTC. */
export interface HistoryRecord {
  readonly version: string;
  readonly name: string;
  /** `sha256:` and the hexadecimal digest of the migration's normal form. */
  readonly checksum: string;
  readonly state: MigrationState;
  /** True while a run is at work or was stopped part-way. */
  readonly is_running: boolean;
  readonly started_at: string;
  readonly applied_at: string | null;
  readonly duration_ms: number | null;
  readonly run_id: string;
  /** Operations whose changes are in place. */
  readonly steps_done: number;
  readonly steps_total: number;
  /** Why it failed: code and message. */
  readonly error: string | null;
  /** Position in the order of application, from 1. */
  readonly rank: number;
  readonly format: number;
}

/** Where an operation of a migration stands. */
export type StepState = 'prepared' | 'executed' | 'done' | 'rolling_back' | 'rolled_back';

/** One operation of one migration, with all that its undo needs. */
export interface StepRecord {
  readonly version: string;
  readonly index: number;
  readonly operation: JsonObject;
  readonly state: StepState;
  readonly undo: JsonObject;
  readonly checkpoint: JsonValue;
  readonly rows_done: number;
  readonly rows_total: number | null;
  readonly checks: readonly Check[];
  readonly started_at: string;
  readonly finished_at: string | null;
  /** Whether what rollback needs is still kept aside. */
  readonly undo_kept: boolean;
  /** True from the moment at which `finalize` begins to delete what is kept: from then on the operation cannot be taken back any more. */
  readonly finalizing?: boolean;
  readonly format: number;
}

/** One run of a command, kept for `status` and `doctor`. */
export interface RunRecord {
  readonly run_id: string;
  readonly command: string;
  readonly versions: readonly string[];
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: 'running' | 'done' | 'failed' | 'stopped';
  readonly holder: LockHolder;
  readonly format: number;
}

/** The state of an ETL run, or of one of its chunks; `data` belongs to the pipeline. */
export interface CheckpointRecord {
  readonly key: string;
  readonly data: JsonObject;
  readonly updated_at: string;
  readonly format: number;
}

/** The kinds of record and their forms. */
export interface JournalRecords {
  readonly history: HistoryRecord;
  readonly step: StepRecord;
  readonly run: RunRecord;
  readonly checkpoint: CheckpointRecord;
}

/** A kind of record. */
export type JournalKind = keyof JournalRecords;

/**
 * The part of the journal that an adapter writes: records by kind and key, in the migrated store itself. The rules of the history stand
 * in core (journal/), once for all stores. The history has a column (field) per property, so that people can query it; the
 * other kinds may be kept as JSON. Every write is durable when its promise resolves.
 */
export interface JournalStore {
  /** Creates what the journal needs, where it is missing. Idempotent, safe when two call it at once. */
  ensure(): Promise<void>;
  /** The format that the store holds; undefined where there is no journal yet. Never writes. */
  format(): Promise<number | undefined>;
  /** One record, or undefined; undefined too where there is no journal yet. */
  get<Kind extends JournalKind>(kind: Kind, key: string): Promise<JournalRecords[Kind] | undefined>;
  /** All records whose key starts with the prefix, ordered by key; none where there is no journal yet. */
  list<Kind extends JournalKind>(kind: Kind, prefix?: string): Promise<JournalRecords[Kind][]>;
  /** Writes or replaces a record. With a fence it throws LEASE_LOST unless the fence's token is the current one of its lock, atomically where the store can. */
  put<Kind extends JournalKind>(kind: Kind, key: string, record: JournalRecords[Kind], fence?: Fence): Promise<void>;
  /** Deletes a record if it is there, under the same rule. */
  delete(kind: JournalKind, key: string, fence?: Fence): Promise<void>;
}

/** Who holds a lock. */
export interface LockHolder {
  /** Unique for the process and run. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** What it does: `up`, `etl run users`. */
  readonly command: string;
}

/** A lock as the store holds it. */
export interface LockRecord {
  readonly name: string;
  readonly token: number;
  readonly holder: LockHolder;
  /** ISO 8601, the store's clock. */
  readonly acquired_at: string;
  /** ISO 8601, the store's clock. */
  readonly expires_at: string;
  /** Whether the lease had ended when it was read, by the store's clock (where the store has none: by this machine's). */
  readonly expired: boolean;
}

/**
 * Leases with a fencing token. Each method is one atomic statement of the store, and judges time by the store's clock where it has one.
 * A live lease is never taken over; one whose time has run out is, and its token grows by one, also over a release in between.
 */
export interface LockStore {
  /** Takes the lock if it is free or its lease has ended. */
  acquire(
    name: string,
    holder: LockHolder,
    ttl_ms: number,
  ): Promise<{ acquired: true; token: number } | { acquired: false; current: LockRecord }>;
  /** Extends the lease; false where the token is not the current one any more. */
  renew(name: string, token: number, ttl_ms: number): Promise<boolean>;
  /** Gives the lock back; false where the token is not the current one any more. The token's number is kept. */
  release(name: string, token: number): Promise<boolean>;
  /** The lock if somebody holds it, its lease ended or not. */
  read(name: string): Promise<LockRecord | undefined>;
  /** Takes the lock away from whoever holds it (`polyshift unlock`); its token becomes invalid. Returns what it was. */
  breakLock(name: string): Promise<LockRecord | undefined>;
}
