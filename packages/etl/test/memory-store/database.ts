import type {
  CheckpointRecord,
  Column,
  Fence,
  JournalKind,
  JournalRecords,
  JournalStore,
  LockHolder,
  LockRecord,
  LockStore,
  PortableValue,
} from '@polyshift/core';
import { canonicalText, PolyshiftError } from '@polyshift/core';

export type MemoryRow = (PortableValue | undefined)[];

/** A table of the store: rows by the canonical text of their key. */
export interface MemoryTable {
  columns: Column[];
  key: string[];
  rows: Map<string, MemoryRow>;
}

/** Rows that a load has inserted, and images of those it replaced. */
export interface MemoryAside {
  inserted: Set<string>;
  images: Map<string, MemoryRow>;
}

/** The durable state of the store: outlives the sessions, as a database outlives its clients. */
export class MemoryDatabase {
  readonly tables = new Map<string, MemoryTable>();
  readonly asides = new Map<string, MemoryAside>();
  readonly journal = new Map<string, unknown>();
  readonly locks = new Map<string, { token: number; held: boolean; holder?: LockHolder; acquired: number; expires: number }>();
  /** Writes that the store took. */
  writes = 0;
  /** Called before each write with its rows, and what tells whether one has a key; may throw what a driver would. */
  beforeWrite: ((rows: number, has: (key: PortableValue) => boolean) => void | Promise<void>) | undefined;
  /** Whether the server is gone: every call fails. */
  down = false;

  create(name: string, columns: Column[], key: string[], rows: MemoryRow[]): void {
    const table: MemoryTable = { columns, key, rows: new Map() };
    for (const row of rows) table.rows.set(keyOf(table, row), row);
    if (table.rows.size !== rows.length) throw new Error('two rows with one key');
    this.tables.set(name, table);
  }

  /** All that a table holds as one text. */
  fingerprint(name: string): string {
    const table = this.tables.get(name);
    if (!table) return 'absent';
    return JSON.stringify([
      table.columns.map((column) => [column.name, column.type]),
      [...table.rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => rowText(table, row)),
    ]);
  }

  /** A client of the store. Once closed, or killed, it can do nothing any more. */
  answer(client: { dead: boolean }): void {
    if (this.down || client.dead)
      throw new PolyshiftError('CONNECTION_LOST', 'the memory store does not answer', { retryable: false });
  }
}

export function keyOf(table: Pick<MemoryTable, 'columns' | 'key'>, row: MemoryRow): string {
  return table.key
    .map((name) => {
      const position = table.columns.findIndex((column) => column.name === name);
      return canonicalText(table.columns[position]!.type, row[position] ?? null);
    })
    .join('|');
}

export function rowText(table: Pick<MemoryTable, 'columns'>, row: MemoryRow): string {
  return table.columns
    .map((column, position) => (row[position] === undefined ? 'u' : canonicalText(column.type, row[position] as PortableValue)))
    .join('|');
}

export function memoryJournal(database: MemoryDatabase, client: { dead: boolean }): JournalStore {
  const at = (kind: JournalKind, key: string) => `${kind} ${key}`;
  const fenced = (fence: Fence | undefined) => {
    const lock = fence && database.locks.get(fence.lock);
    if (fence && (!lock?.held || lock.token !== fence.token)) throw new PolyshiftError('LEASE_LOST', 'fenced off');
  };
  return {
    ensure: async () => database.answer(client),
    format: async () => 1,
    get: async (kind, key) => {
      database.answer(client);
      return structuredClone(database.journal.get(at(kind, key))) as JournalRecords[typeof kind] | undefined;
    },
    list: async (kind, prefix = '') => {
      database.answer(client);
      const keys = [...database.journal.keys()].filter((key) => key.startsWith(at(kind, prefix))).sort();
      return keys.map((key) => structuredClone(database.journal.get(key)) as JournalRecords[typeof kind]);
    },
    put: async (kind, key, record, fence) => {
      database.answer(client);
      fenced(fence);
      // What a store keeps has gone through JSON.
      database.journal.set(at(kind, key), JSON.parse(JSON.stringify(record)) as CheckpointRecord);
    },
    delete: async (kind, key, fence) => {
      database.answer(client);
      fenced(fence);
      database.journal.delete(at(kind, key));
    },
  };
}

export function memoryLocks(database: MemoryDatabase, client: { dead: boolean }): LockStore {
  const record = (name: string): LockRecord | undefined => {
    const lock = database.locks.get(name);
    if (!lock?.held || !lock.holder) return undefined;
    return {
      name,
      token: lock.token,
      holder: lock.holder,
      acquired_at: new Date(lock.acquired).toISOString(),
      expires_at: new Date(lock.expires).toISOString(),
      expired: lock.expires <= Date.now(),
    };
  };
  return {
    acquire: async (name, holder, ttl) => {
      database.answer(client);
      const current = record(name);
      if (current && !current.expired) return { acquired: false, current };
      const token = (database.locks.get(name)?.token ?? 0) + 1;
      database.locks.set(name, { token, held: true, holder, acquired: Date.now(), expires: Date.now() + ttl });
      return { acquired: true, token };
    },
    renew: async (name, token, ttl) => {
      database.answer(client);
      const lock = database.locks.get(name);
      if (!lock?.held || lock.token !== token) return false;
      lock.expires = Date.now() + ttl;
      return true;
    },
    release: async (name, token) => {
      database.answer(client);
      const lock = database.locks.get(name);
      if (!lock?.held || lock.token !== token) return false;
      lock.held = false;
      return true;
    },
    read: async (name) => record(name),
    breakLock: async (name) => {
      const was = record(name);
      const lock = database.locks.get(name);
      if (lock) database.locks.set(name, { ...lock, held: false, token: lock.token + 1 });
      return was;
    },
  };
}
