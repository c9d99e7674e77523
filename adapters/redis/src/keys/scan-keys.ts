import { masters, type Store } from '../store.ts';
import { literalPattern } from './names.ts';

/** Keys that the server looks at for one reply, about. */
const perReply = 1000;

/**
 * The keys that begin with a text, from every master, by SCAN: without their beginning, in no order, and some of them twice. Keys that are
 * there from the beginning to the end are all given.
 */
export async function* scanKeys(store: Store, beginning: string): AsyncGenerator<Buffer[]> {
  const { length } = Buffer.from(beginning);
  for (const node of masters(store)) {
    let cursor = '0';
    do {
      const [next, keys] = await node.scanBuffer(cursor, 'MATCH', `${literalPattern(beginning)}*`, 'COUNT', perReply);
      cursor = String(next);
      if (keys.length > 0) yield keys.map((key) => key.subarray(length));
    } while (cursor !== '0');
  }
}

/**
 * The keys of a collection behind its name, as {@link scanKeys} gives them: without those of other collections whose names begin with this one's
 * and a colon, as far as they have a definition.
 */
export async function* scanCollection(store: Store, collection: string): AsyncGenerator<Buffer[]> {
  const inner = [...(await store.definitions.all()).keys()]
    .filter((name) => name.startsWith(`${collection}:`))
    .map((name) => Buffer.from(`${name.slice(collection.length + 1)}:`));
  for await (const ids of scanKeys(store, store.keys.rows(collection))) {
    const own = inner.length === 0 ? ids : ids.filter((id) => !inner.some((name) => id.subarray(0, name.length).equals(name)));
    if (own.length > 0) yield own;
  }
}

/** Whether a collection is there: it has a definition, or a key. */
export async function exists(store: Store, collection: string): Promise<boolean> {
  if (await store.definitions.read(collection)) return true;
  for await (const _ids of scanCollection(store, collection)) return true;
  return false;
}
