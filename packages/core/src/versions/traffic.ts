import { type JournalStore, journalFormat } from '../adapter/journal-store.ts';
import type { Fence } from '../adapter/run-context.ts';
import type { JsonObject } from '../value/json.ts';

/** One of the two versions of a collection. */
export type Side = 'old' | 'new';

/** What moves from one version to the other, in this order. */
export type Traffic = 'reads' | 'writes';

/** Which version the applications are to use, as `polyshift switch` has said; both are kept equal whatever they do. */
export interface TrafficRecord {
  readonly version: string;
  readonly reads: Side;
  readonly writes: Side;
  /** ISO 8601, UTC; null where nothing has moved yet. */
  readonly moved_at: string | null;
}

const keyOf = (version: string): string => `traffic/${version}`;

/** Which version the applications are to use; the old one before anything has moved. */
export async function readTraffic(journal: JournalStore, version: string): Promise<TrafficRecord> {
  const record = await journal.get('checkpoint', keyOf(version));
  return (record?.data as unknown as TrafficRecord | undefined) ?? { version, reads: 'old', writes: 'old', moved_at: null };
}

/** Keeps which version the applications are to use. */
export async function keepTraffic(journal: JournalStore, traffic: TrafficRecord, fence: Fence): Promise<void> {
  const key = keyOf(traffic.version);
  const data = { ...traffic } as unknown as JsonObject;
  await journal.put('checkpoint', key, { key, data, updated_at: new Date().toISOString(), format: journalFormat }, fence);
}

/** Forgets it, when one of the two versions has ended. Idempotent. */
export async function forgetTraffic(journal: JournalStore, version: string, fence: Fence): Promise<void> {
  await journal.delete('checkpoint', keyOf(version), fence);
}
