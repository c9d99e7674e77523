import { createHash } from 'node:crypto';
import { type Fingerprint, SetDigest, stableJson } from '@polyshift/core';
import { type ConcreteIndex, findCollection, shardsOf } from './collection/collection.ts';
import { refresh, scanIndex } from './documents/scan.ts';
import { definitionOf } from './mapping/normal-mapping.ts';
import type { Store } from './store.ts';

/**
 * See `StoreSession.fingerprint`: mapping, settings, whether it is an alias or an index, and each document with its id and every character of it but
 * white space. The name of the index behind an alias is left out.
 */
export async function fingerprint(store: Store, name: string): Promise<Fingerprint> {
  const found = await findCollection(store, name);
  const digest = new SetDigest();
  if (!found) return { schema: 'absent', content: digest.sum, count: 0 };
  if (found.kind !== 'view') for (const index of found.indices) await addDocuments(store, index, digest);
  return {
    schema: createHash('sha256')
      .update(stableJson(definitionOf(found, store.prefix)))
      .digest('hex'),
    content: digest.sum,
    count: digest.count,
  };
}

async function addDocuments(store: Store, { index, settings }: ConcreteIndex, digest: SetDigest): Promise<void> {
  await refresh(store, index);
  for await (const { documents } of scanIndex(store, { index, shards: shardsOf(settings), page: 2000 })) {
    for (const { document } of documents)
      digest.add(`${JSON.stringify([document.id, document.routing ?? null])}${document.canonical}`);
  }
}
