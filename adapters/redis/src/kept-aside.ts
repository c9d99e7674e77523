import { keptByKit, type RowStore, strayPlaces } from '@polyshift/adapter-kit';
import { type KeptAside, keptSum } from '@polyshift/core';
import { scanKeys } from './keys/scan-keys.ts';
import { type Command, type Store, send, sendEach } from './store.ts';
import { streamKey } from './streams/entries.ts';

/**
 * See `StoreSession.keptAside`: of a dropped collection its keys and the memory that the server says they take; of before-images what they are
 * as JSON.
 */
export async function keptAside(store: Store, rows: RowStore<Buffer>, aside: string): Promise<KeptAside> {
  const beginning = `${store.keys.prefix}${store.keys.dropped(aside, '')}`;
  const keys = new Map<string, Buffer>();
  for await (const found of scanKeys(store, beginning)) for (const key of found) keys.set(key.toString('hex'), key);
  // A stream is one key, whatever it holds.
  let further = 0;
  for (const [name, { encoding }] of await store.definitions.all()) {
    if (encoding !== 'stream' || !name.startsWith(store.keys.dropped(aside, ''))) continue;
    further += Number(await send(store, 'xlen', streamKey(store, name))) - 1;
  }
  const sizes = await sendEach(
    store,
    [...keys.values()].map((key): Command => ['memory', 'USAGE', Buffer.concat([Buffer.from(beginning), key])]),
  );
  return keptSum([
    await keptByKit(rows, aside),
    { rows: keys.size + further, bytes: sizes.reduce((sum: number, size) => sum + Number(size ?? 0), 0) },
  ]);
}

/** See `StoreSession.strayAside`. */
export async function strayAside(store: Store, known: readonly string[]): Promise<string[]> {
  const places = new Set<string>();
  for await (const keys of scanKeys(store, `${store.keys.prefix}polyshift:aside:{`))
    for (const key of keys) places.add(String(key).replace(/\}:(values|order)$/, ''));
  const dropped = new Set<string>();
  const beginning = `${store.keys.prefix}polyshift:dropped:`;
  for await (const keys of scanKeys(store, beginning)) for (const key of keys) dropped.add(String(key).split(':', 1)[0]!);
  return [
    ...strayPlaces([...places], known).map((place) => `key ${store.keys.tagged('aside', place, ':values')}`),
    ...[...dropped]
      .filter((aside) => !known.includes(aside))
      .sort()
      .map((aside) => `keys ${beginning}${aside}:*`),
  ];
}
