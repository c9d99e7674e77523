import { type Check, checkThat, fail, pass } from '@polyshift/core';
import { exists } from './keys/scan-keys.ts';
import type { Store } from './store.ts';

/** The check that a collection is there, and no name of polyshift. */
export async function isThere(store: Store, collection: string): Promise<Check> {
  if (store.keys.isOwn(`${collection}:`))
    return fail('collection_exists', `${collection} belongs to polyshift`, 'Choose another collection.');
  return checkThat(await exists(store, collection), 'collection_exists', {
    pass: `${collection} is there`,
    fail: `there is no collection ${collection}: it has no definition, and no key begins with ${collection}:`,
    action: 'Correct the name, or create it first by create_collection.',
  });
}

/** The check that a name is free. */
export async function isFree(store: Store, collection: string): Promise<Check> {
  if (store.keys.isOwn(`${collection}:`))
    return fail('name_free', `${collection} is a name of polyshift`, 'Choose another name.');
  if (!(await exists(store, collection))) return pass('name_free', `${collection} is free`);
  return fail(
    'name_free',
    `there is a collection ${collection} already`,
    'Choose another name, or drop or rename it first by an operation of its own.',
  );
}
