import { type JournalStore, journalFormat } from '../adapter/journal-store.ts';
import type { Fence } from '../adapter/run-context.ts';
import type { JsonObject } from '../value/json.ts';

/** What somebody has decided about the history by hand, kept for good: who reads the history later finds out why it is as it is. */
export interface Amendment {
  /**
   * `baseline`: the version was there before polyshift and was never run by it. `checksum`: the changed file was accepted. `order`: the version
   * may be applied after newer ones. `forgotten`: the version has no file any more and is no part of the history.
   */
  readonly kind: 'baseline' | 'checksum' | 'order' | 'forgotten';
  readonly version: string;
  readonly name: string;
  /** The checksum before, where there was one. */
  readonly was: string | null;
  /** The checksum afterwards, where there is one. */
  readonly is: string | null;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly run_id: string;
}

const prefix = 'amendment/';

/** All amendments of a store, oldest first. */
export async function readAmendments(journal: JournalStore): Promise<Amendment[]> {
  const records = await journal.list('checkpoint', prefix);
  return records.map((record) => record.data as unknown as Amendment);
}

/** Keeps an amendment. */
export async function keepAmendment(journal: JournalStore, amendment: Amendment, fence: Fence): Promise<void> {
  const key = `${prefix}${amendment.at}/${amendment.version}`;
  const data = { ...amendment } as unknown as JsonObject;
  await journal.put('checkpoint', key, { key, data, updated_at: amendment.at, format: journalFormat }, fence);
}
