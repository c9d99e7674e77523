import { keptByKit, keptName, type RowStore, strayPlaces } from '@polyshift/adapter-kit';
import type { KeptAside } from '@polyshift/core';
import { keptPrefix } from './collections.ts';
import { asideCollection } from './rows/aside-store.ts';
import type { Store } from './store.ts';
import { isThere, listCollections } from './tables/describe.ts';
import type { AttributeValue } from './values/attribute.ts';

/** See `StoreSession.keptAside`: by reading, because the service counts items and their bytes no more often than every six hours. */
export async function keptAside(store: Store, rows: RowStore<AttributeValue>, aside: string): Promise<KeptAside> {
  const kept = keptName(aside);
  return keptByKit(rows, aside, (await isThere(store, kept)) ? kept : undefined);
}

/** See `StoreSession.strayAside`. */
export async function strayAside(store: Store, known: readonly string[]): Promise<string[]> {
  const beginning = asideCollection('');
  const names = await listCollections(store);
  const places = names.filter((name) => /^(aside|load|online)_/.test(name.slice(beginning.length)) && name.startsWith(beginning));
  const stray = strayPlaces(
    places.map((name) => name.slice(beginning.length)),
    known,
  ).map(asideCollection);
  const own = new Set(known.map(keptName));
  const kept = names.filter((name) => name.startsWith(keptPrefix) && !own.has(name));
  return [...stray, ...kept].map((name) => `table ${store.prefix}${name}`);
}
