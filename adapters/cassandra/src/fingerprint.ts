import { createHash } from 'node:crypto';
import { contentOf } from '@polyshift/adapter-kit';
import { type Fingerprint, ownValue, SetDigest, stableJson } from '@polyshift/core';
import { introspect } from './introspect.ts';
import { rowStore } from './rows/row-store.ts';
import type { Store } from './store.ts';

/**
 * See `StoreSession.fingerprint`. Columns stand in the order of the store: key, then by name. Times of writing and times to live of single values are
 * left out, and so is what the store remembers of dropped columns.
 */
export async function fingerprint(store: Store, name: string): Promise<Fingerprint> {
  const schema = ownValue((await introspect(store, [name])).collections, name);
  if (!schema) return { schema: 'absent', content: new SetDigest().sum, count: 0 };
  const { count, content } = await contentOf(rowStore(store, true), name);
  return { schema: createHash('sha256').update(stableJson(schema)).digest('hex'), content, count };
}
