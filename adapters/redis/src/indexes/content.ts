import { scanKeys } from '../keys/scan-keys.ts';
import { type Store, send } from '../store.ts';
import { type IndexEntry, indexKey } from './entries.ts';
import type { IndexDefinition } from './index-definition.ts';

/** All entries that an index holds, each once. */
export async function* indexContent(store: Store, collection: string, index: IndexDefinition): AsyncGenerator<IndexEntry[]> {
  const key = indexKey(store.keys, collection, index);
  switch (index.form) {
    case 'score':
    case 'lex':
      for (let start = 0; ; start += 1000) {
        const found = (await send(store, 'zrange', key, start, start + 999, 'WITHSCORES')) as Buffer[];
        if (found.length === 0) return;
        yield pairs(found).map(([member, score]) => ({ kind: 'z', key, member, value: scoreName(String(score)) }));
      }
    case 'unique':
      for await (const found of cursor(store, 'hscan', key))
        yield pairs(found).map(([member, value]) => ({ kind: 'u', key, member, value }));
      return;
    case 'set':
      for await (const setKey of setKeys(store, collection, index)) {
        for await (const found of cursor(store, 'sscan', setKey))
          yield found.map((member) => ({ kind: 's', key: setKey, member, value: '' }));
      }
  }
}

/** The number of entries that an index holds. */
export async function indexSize(store: Store, collection: string, index: IndexDefinition): Promise<number> {
  const command = { score: 'zcard', lex: 'zcard', set: 'scard', unique: 'hlen' }[index.form];
  let size = 0;
  for (const key of await indexKeys(store, collection, index)) size += Number(await send(store, command, key));
  return size;
}

/** The keys that an index has on the server. */
export async function indexKeys(store: Store, collection: string, index: IndexDefinition): Promise<string[]> {
  if (index.form !== 'set') return [indexKey(store.keys, collection, index)];
  const found: string[] = [];
  for await (const key of setKeys(store, collection, index)) found.push(key);
  return found;
}

async function* setKeys(store: Store, collection: string, index: IndexDefinition): AsyncGenerator<string> {
  const beginning = indexKey(store.keys, collection, index, '');
  const seen = new Set<string>();
  for await (const keys of scanKeys(store, beginning)) {
    for (const key of keys.map((each) => `${beginning}${each}`)) {
      if (!seen.has(key)) yield key;
      seen.add(key);
    }
  }
}

async function* cursor(store: Store, command: 'hscan' | 'sscan', key: string): AsyncGenerator<Buffer[]> {
  let at = '0';
  const seen = new Set<string>();
  const width = command === 'hscan' ? 2 : 1;
  do {
    const [next, found] = (await send(store, command, key, at, 'COUNT', 1000)) as [Buffer, Buffer[]];
    at = String(next);
    const fresh: Buffer[] = [];
    for (let index = 0; index < found.length; index += width) {
      const text = found[index]!.toString('latin1');
      if (!seen.has(text)) fresh.push(...found.slice(index, index + width));
      seen.add(text);
    }
    yield fresh;
  } while (at !== '0');
}

function pairs(list: readonly Buffer[]): [Buffer, Buffer][] {
  return Array.from({ length: list.length / 2 }, (_, index) => [list[index * 2]!, list[index * 2 + 1]!]);
}

/** A score as polyshift writes it. */
function scoreName(score: string): string {
  return score === 'inf' ? '+inf' : score;
}
