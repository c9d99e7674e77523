import type { Definition } from './definitions/definition.ts';
import { indexKeys } from './indexes/content.ts';
import { collectKeys } from './keys/key-list.ts';
import { exists, scanCollection } from './keys/scan-keys.ts';
import { type Command, type Store, send, sendEach } from './store.ts';
import { entriesKey, streamKey } from './streams/entries.ts';

/** What is there of a collection that is to be loaded. */
export async function stateOf(store: Store, collection: string): Promise<'absent' | 'empty' | 'filled'> {
  const definition = await store.definitions.read(collection);
  if (definition?.encoding === 'stream') {
    return Number(await send(store, 'xlen', streamKey(store, collection))) > 0 ? 'filled' : 'empty';
  }
  for await (const _ids of scanCollection(store, collection)) return 'filled';
  return definition ? 'empty' : 'absent';
}

/** Deletes every key of a collection, and what its indexes hold; the definition stays. Idempotent. */
export async function clearCollection(store: Store, collection: string): Promise<void> {
  const definition = await store.definitions.read(collection);
  if (definition?.encoding === 'stream') {
    await unlinkAll(store, [streamKey(store, collection), entriesKey(store, collection)]);
  }
  for await (const ids of scanCollection(store, collection)) {
    const beginning = Buffer.from(store.keys.rows(collection));
    await unlinkAll(
      store,
      ids.map((id) => Buffer.concat([beginning, id])),
    );
  }
  await clearIndexes(store, collection, definition);
}

/** Drops a collection: its keys, its indexes and its definition. Idempotent. */
export async function dropCollection(store: Store, collection: string): Promise<void> {
  await clearCollection(store, collection);
  await store.definitions.put(collection, undefined);
}

/** Deletes what the indexes of a definition hold. */
export async function clearIndexes(store: Store, collection: string, definition: Definition | undefined): Promise<void> {
  for (const index of definition?.indexes ?? []) await unlinkAll(store, await indexKeys(store, collection, index));
}

/** The number of keys of a collection, exactly. */
export async function countKeys(store: Store, collection: string): Promise<number> {
  const definition = await store.definitions.read(collection);
  if (definition?.encoding === 'stream') return Number(await send(store, 'xlen', streamKey(store, collection)));
  await using keys = await collectKeys(store, collection);
  return keys.count;
}

/** The key fields of a collection; undefined where there is none. */
export async function keyOf(store: Store, collection: string): Promise<readonly string[] | undefined> {
  if (!(await exists(store, collection))) return undefined;
  return store.definitions.known(collection).key.map(({ name }) => name);
}

function unlinkAll(store: Store, keys: readonly (string | Buffer)[]): Promise<unknown> {
  // One command a key: keys of one command would have to be in one slot of a cluster.
  return sendEach(
    store,
    keys.map((key): Command => ['unlink', key]),
  );
}
