import type { AsideEntry, AsideStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import { journalIndex } from '../collection/names.ts';
import { allDone, type BulkItem, bulk, isConflict } from '../documents/bulk.ts';
import { getDocuments } from '../documents/get.ts';
import { hasType } from '../errors.ts';
import { request } from '../http/request.ts';
import { type Entry, entryId, isEqual, listEntries } from '../journal/entries.ts';
import { ensureJournal } from '../journal/journal-index.ts';
import type { Store } from '../store.ts';

const kind = 'aside';

/** Before-images and the like, as entries of the journal's index: an index of their own would cost a change of the cluster's state each time. */
export function asideStore(store: Store): AsideStore {
  const index = journalIndex(store);
  let ensured: Promise<void> | undefined;
  const idOf = (name: string, key: string): string => entryId(kind, name, key);

  return {
    async ensure() {
      ensured ??= ensureJournal(store);
      try {
        await ensured;
      } catch (error) {
        ensured = undefined;
        throw error;
      }
    },

    async put(name, entries, mode) {
      const items = entries.map(({ key, value }): BulkItem => {
        const entry = { kind, name, key, record: JSON.stringify(value) };
        return { index, action: mode === 'keep' ? 'create' : 'index', id: idOf(name, key), text: JSON.stringify(entry) };
      });
      const outcomes = await bulk(store, items);
      // What is kept already stays.
      const settled = mode === 'keep' ? outcomes.map((each) => (isConflict(each) ? { done: true as const } : each)) : outcomes;
      allDone(items, settled, 'keeping aside');
    },

    async get(name, keys) {
      const found = new Map<string, JsonValue>();
      if (keys.length === 0) return found;
      try {
        for (const { document } of await getDocuments(
          store,
          index,
          keys.map((key) => ({ id: idOf(name, key) })),
        )) {
          const entry = JSON.parse(document.text) as Entry;
          found.set(entry.key, JSON.parse(entry.record) as JsonValue);
        }
      } catch (error) {
        if (!hasType(error, 'index_not_found_exception')) throw error;
      }
      return found;
    },

    async list(name, after, limit): Promise<AsideEntry[]> {
      const entries = await listEntries(store, index, [isEqual('kind', kind), isEqual('name', name)], { after, limit });
      return entries.map(({ key, record }) => ({ key, value: JSON.parse(record) as JsonValue }));
    },

    async delete(name, keys) {
      const items = keys.map((key): BulkItem => ({ index, action: 'delete', id: idOf(name, key) }));
      const outcomes = await bulk(store, items);
      // A delete of what is not there says 404 and has no error.
      allDone(items, outcomes, 'forgetting what was kept aside');
    },

    async drop(name) {
      const refreshed = await request<{ status?: number }>(store, 'POST', [index, '_refresh'], { accepted: [404] });
      if (refreshed.status === 404) return;
      await request(store, 'POST', [index, '_delete_by_query'], {
        body: { query: { bool: { filter: [isEqual('kind', kind), isEqual('name', name)] } } },
        query: { conflicts: 'proceed' },
      });
    },
  };
}
