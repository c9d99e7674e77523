import type { Store } from '../store.ts';
import { collectKeys } from './key-list.ts';

/** Some keys of a collection. */
export interface KeyBatch {
  readonly ids: readonly string[];
  /** How many keys there are in all. */
  readonly total: number;
}

/** All keys of a collection as they were at the beginning, each once, in the order of bytes. */
export async function* keyBatches(store: Store, collection: string, size: number): AsyncGenerator<KeyBatch> {
  await using keys = await collectKeys(store, collection);
  for (let after: string | undefined; ; ) {
    const ids = await keys.page(after, undefined, size);
    if (ids.length === 0) return;
    after = ids.at(-1)!;
    yield { ids, total: keys.count };
  }
}
