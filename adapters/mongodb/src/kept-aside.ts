import type { KeptAside } from '@polyshift/core';
import { asideCollection, type Store } from './store.ts';

/** What the documents of a collection aside are that say no more than how far a step is. */
const notes = { _id: { $in: ['extract'] } } as const;

/** Parts that a step has beside its images while it is at work. */
const parts = ['', 'lanes', 'probe', 'work', 'result', 'copy', 'ledger', 'online', 'ended'] as const;

/** Collections of splits and merges that have ended: as many as a change has. */
const numbered = /_part\d+$/;

/** See `StoreSession.keptAside`: bytes are those of the documents, before the store compresses them. */
export async function keptAside(store: Store, aside: string): Promise<KeptAside> {
  const name = asideCollection(aside);
  const collection = store.db.collection(name);
  const rows = (await collection.countDocuments({})) - (await collection.countDocuments(notes as object));
  if (rows === 0) return { rows, bytes: 0 };
  const { size } = await store.db.command({ collStats: name });
  return { rows, bytes: typeof size === 'number' ? size : null };
}

/** See `StoreSession.keptAsideEach`: only of what is there at all is anything counted. */
export async function keptAsideEach(store: Store, asides: readonly string[]): Promise<KeptAside[]> {
  const there = new Set(await collectionsAside(store));
  const kept: KeptAside[] = [];
  for (const aside of asides) {
    kept.push(there.has(asideCollection(aside)) ? await keptAside(store, aside) : { rows: 0, bytes: 0 });
  }
  return kept;
}

async function collectionsAside(store: Store): Promise<string[]> {
  const listed = await store.db.listCollections({ name: new RegExp(`^${asideCollection('')}`) }, { nameOnly: true }).toArray();
  return listed.map(({ name }) => name);
}

/** See `StoreSession.strayAside`. */
export async function strayAside(store: Store, known: readonly string[]): Promise<string[]> {
  const names = new Set(known.flatMap((aside) => parts.map((part) => asideCollection(aside, part))));
  return (await collectionsAside(store))
    .filter((name) => !names.has(name.replace(numbered, '')))
    .sort()
    .map((name) => `collection ${name}`);
}
