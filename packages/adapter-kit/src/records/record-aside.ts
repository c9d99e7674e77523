import type { JsonValue } from '@polyshift/core';
import type { AsideStore } from '../row-store.ts';
import type { RecordStore } from './record-store.ts';

/** What is kept aside over records: a kind of record per place. */
export function recordAside(records: RecordStore): AsideStore {
  const kindOf = (name: string): string => `aside ${name}`;
  const remove = (name: string, key: string) => records.update(kindOf(name), key, () => undefined);
  return {
    ensure: async () => records.ensure(),
    async put(name, entries, mode) {
      for (const { key, value } of entries)
        await records.update(kindOf(name), key, (current) => (mode === 'keep' ? (current ?? value) : value));
    },
    async get(name, keys) {
      const found = new Map<string, JsonValue>();
      for (const key of keys) {
        const value = await records.get(kindOf(name), key);
        if (value !== undefined) found.set(key, value);
      }
      return found;
    },
    list: async (name, after, limit) => records.list(kindOf(name), { after, limit }),
    async delete(name, keys) {
      for (const key of keys) await remove(name, key);
    },
    async drop(name) {
      for (const { key } of await records.list(kindOf(name), {})) await remove(name, key);
    },
  };
}
