import { type JournalStore, journalFormat } from '../adapter/journal-store.ts';
import type { JsonObject } from '../value/json.ts';
import { type ThrottleSettings, throttleSchema } from './settings.ts';
import type { Said } from './throttle-file.ts';

const key = 'throttle';

/** The limits that are kept in the store itself, and since when; undefined where there are none. */
export async function readJournaled(journal: JournalStore): Promise<(Said & { readonly since: string }) | undefined> {
  const record = await journal.get('checkpoint', key);
  if (!record) return undefined;
  const result = throttleSchema.safeParse(record.data);
  if (result.success) return { settings: result.data, since: record.updated_at };
  // Somebody has set what this version does not know, and may rely on it.
  const problem = `the limits in the journal were set by another version of polyshift: ${result.error.issues.map(({ message }) => message).join('; ')}`;
  return { problem, since: record.updated_at };
}

/**
 * Changes the limits that are kept in the store: those named are set, the others stay as they are. Not fenced: it is done beside a run that holds the lock. Of two that
 * change them at the same moment one wins.
 */
export async function keepThrottle(journal: JournalStore, change: ThrottleSettings): Promise<void> {
  await journal.ensure();
  const known = await readJournaled(journal);
  const data = { ...(known && 'settings' in known ? known.settings : {}), ...change } as JsonObject;
  await journal.put('checkpoint', key, { key, data, updated_at: new Date().toISOString(), format: journalFormat });
}

/** Forgets the limits that are kept in the store: what stands elsewhere counts again. */
export async function clearThrottle(journal: JournalStore): Promise<void> {
  if ((await journal.format()) !== undefined) await journal.delete('checkpoint', key);
}
