import { keptByKit, strayPlaces } from '@polyshift/adapter-kit';
import { type KeptAside, keptSum } from '@polyshift/core';
import { listIndices } from './collection/collection.ts';
import { markedIndex } from './collection/index-changes.ts';
import { journalIndex, markAlias } from './collection/names.ts';
import { request } from './http/request.ts';
import { isEqual } from './journal/entries.ts';
import type { Parts } from './operations/parts.ts';
import { countDocuments } from './rebuild/copy.ts';
import type { Store } from './store.ts';

/** See `StoreSession.keptAside`: of an index that is kept, documents and bytes on disk; of before-images what they are as JSON. */
export async function keptAside({ store, rows }: Parts, aside: string): Promise<KeptAside> {
  const parts = [await keptByKit(rows, aside)];
  for (const name of [aside, `${aside}_m`]) {
    const index = await markedIndex(store, markAlias(store, 'aside', name));
    if (index) parts.push({ rows: await countDocuments(store, index.index), bytes: await bytesOf(store, index.index) });
  }
  return keptSum(parts);
}

/** See `StoreSession.strayAside`. */
export async function strayAside(store: Store, known: readonly string[]): Promise<string[]> {
  const names = known.flatMap((aside) => [aside, `${aside}_m`]);
  const own = new Set(names.flatMap((name) => [markAlias(store, 'aside', name), markAlias(store, 'next', name)]));
  const marked = [
    ...(await listIndices(store, markAlias(store, 'aside', '*'))),
    ...(await listIndices(store, markAlias(store, 'next', '*'))),
  ];
  const marks = marked.flatMap(({ index, aliases }) =>
    Object.keys(aliases)
      .filter((alias) => isMark(store, alias) && !own.has(alias))
      .map((alias) => `index ${index}, marked ${alias}`),
  );
  return [
    ...new Set(marks),
    ...strayPlaces(await places(store), names).map((name) => `${name} in the index ${journalIndex(store)}`),
  ];
}

function isMark(store: Store, alias: string): boolean {
  return [markAlias(store, 'aside', ''), markAlias(store, 'next', '')].some((beginning) => alias.startsWith(beginning));
}

/** Bytes of an index's primary shards on disk. */
async function bytesOf(store: Store, index: string): Promise<number> {
  const answer = await request<{ _all: { primaries: { store: { size_in_bytes: number } } } }>(store, 'GET', [
    index,
    '_stats',
    'store',
  ]);
  return answer._all.primaries.store.size_in_bytes;
}

/** The places aside that have entries in the journal's index. */
async function places(store: Store): Promise<string[]> {
  const found: string[] = [];
  let after: { name: string } | undefined;
  do {
    const answer = await request<{
      aggregations?: { places: { after_key?: { name: string }; buckets: { key: { name: string } }[] } };
    }>(store, 'POST', [journalIndex(store), '_search'], {
      accepted: [404],
      body: {
        size: 0,
        query: { bool: { filter: [isEqual('kind', 'aside')] } },
        aggs: {
          places: {
            composite: { size: 1000, sources: [{ name: { terms: { field: 'name' } } }], ...(after ? { after } : {}) },
          },
        },
      },
    });
    found.push(...(answer.aggregations?.places.buckets ?? []).map(({ key }) => key.name));
    after = answer.aggregations?.places.after_key;
  } while (after);
  return found;
}
