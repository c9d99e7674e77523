import {
  type Fence,
  type JournalRecords,
  type JournalStore,
  type JsonValue,
  journalFormat,
  PolyshiftError,
} from '@polyshift/core';
import { lockCondition } from './record-locks.ts';
import type { RecordStore } from './record-store.ts';

/** The journal over records: a kind of record per kind of the journal, and its format under `meta`. */
export function recordJournal(records: RecordStore): JournalStore {
  async function write(kind: string, key: string, record: JsonValue | undefined, fence: Fence | undefined): Promise<void> {
    if (await records.update(kind, key, () => record, fence && lockCondition(fence))) return;
    throw new PolyshiftError('LEASE_LOST', `the lock ${fence!.lock} has another holder now`);
  }
  return {
    async ensure() {
      await records.ensure();
      await records.update('meta', 'format', (current) => current ?? journalFormat);
    },
    format: async () => (await records.get('meta', 'format')) as number | undefined,
    get: async <Kind extends keyof JournalRecords>(kind: Kind, key: string) =>
      (await records.get(kind, key)) as JournalRecords[Kind] | undefined,
    list: async <Kind extends keyof JournalRecords>(kind: Kind, prefix?: string) =>
      (await records.list(kind, { prefix })).map(({ value }) => value as unknown as JournalRecords[Kind]),
    put: (kind, key, record, fence) => write(kind, key, record as unknown as JsonValue, fence),
    delete: (kind, key, fence) => write(kind, key, undefined, fence),
  };
}
