import type { Fence, JournalKind, JournalRecords, JournalStore, JsonObject } from '@polyshift/core';
import { historyIndex, journalIndex } from './collection/names.ts';
import { hasType } from './errors.ts';
import { request } from './http/request.ts';
import { type Entry, entryId, getEntry, isEqual, listEntries } from './journal/entries.ts';
import { ensureJournal, readFormat } from './journal/journal-index.ts';
import { holdsLock, leaseLost } from './lock.ts';
import type { Store } from './store.ts';

/** Writes a record unless one of a later holder of the same lock is there. */
const putScript = `
  if (ctx._source.lock == params.entry.lock && ctx._source.fence != null && ctx._source.fence > params.entry.fence) { ctx.op = 'none' }
  else { ctx._source.clear(); ctx._source.putAll(params.entry) }`;

/** Deletes a record under the same rule. */
const deleteScript = `
  if (ctx._source.lock == params.lock && ctx._source.fence != null && ctx._source.fence > params.fence) { ctx.op = 'none' }
  else { ctx.op = 'delete' }`;

/**
 * The journal in two indices of the migrated cluster. Elasticsearch has no transactions over documents, so a fence holds by two steps: the lock's
 * document is checked and written in one (a takeover at the same moment is a conflict: one of the two comes first), then the record is
 * written with the fence's token in it, only where no later holder has written it. What is left is a record that the next holder has not
 * touched yet, written by the last one in the moment of the takeover.
 */
export function journalStore(store: Store): JournalStore {
  const indexOf = (kind: JournalKind): string => (kind === 'history' ? historyIndex(store) : journalIndex(store));

  return {
    ensure: () => ensureJournal(store),

    format: () => readFormat(store),

    async get(kind, key) {
      const found = await getEntry(store, indexOf(kind), entryId(kind, key));
      return found ? recordOf<typeof kind>(found) : undefined;
    },

    async list(kind, prefix = '') {
      const filter = [isEqual('kind', kind), ...(prefix === '' ? [] : [{ prefix: { key: prefix } }])];
      return (await listEntries(store, indexOf(kind), filter)).map((entry) => recordOf<typeof kind>(entry));
    },

    async put(kind, key, record, fence) {
      const entry = entryOf(kind, key, record);
      const path = [indexOf(kind), fence ? '_update' : '_doc', entryId(kind, key)];
      if (!fence) {
        await request(store, 'PUT', path, { body: entry });
        return;
      }
      await holdsLock(store, fence);
      await fenced(store, path, putScript, { entry: { ...entry, lock: fence.lock, fence: fence.token } }, fence, true);
    },

    async delete(kind, key, fence) {
      const id = entryId(kind, key);
      if (!fence) {
        await request(store, 'DELETE', [indexOf(kind), '_doc', id], { accepted: [404] });
        return;
      }
      await holdsLock(store, fence);
      await fenced(store, [indexOf(kind), '_update', id], deleteScript, { lock: fence.lock, fence: fence.token }, fence, false);
    },
  };
}

async function fenced(
  store: Store,
  path: readonly string[],
  source: string,
  params: JsonObject,
  fence: Fence,
  create: boolean,
): Promise<void> {
  try {
    const { result } = await request<{ result: string }>(store, 'POST', path, {
      body: { script: { source, params }, ...(create ? { scripted_upsert: true, upsert: {} } : {}) },
      query: { retry_on_conflict: 5 },
    });
    if (result === 'noop') throw leaseLost(fence);
  } catch (error) {
    if (create || !hasType(error, 'document_missing_exception')) throw error;
  }
}

function entryOf<Kind extends JournalKind>(kind: Kind, key: string, record: JournalRecords[Kind]): Entry {
  const own = kind === 'history' ? (record as JournalRecords['history']) : {};
  return { ...own, kind, key, record: JSON.stringify(record) };
}

function recordOf<Kind extends JournalKind>(entry: Entry): JournalRecords[Kind] {
  return JSON.parse(entry.record) as JournalRecords[Kind];
}
