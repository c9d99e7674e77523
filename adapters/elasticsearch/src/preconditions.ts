import { type Check, fail, pass } from '@polyshift/core';
import { type Collection, type ConcreteIndex, findCollection, onlyIndex } from './collection/collection.ts';
import { nameCheck } from './collection/names.ts';
import type { Store } from './store.ts';

/** The check that a collection is there, and one that can be written; its index, where that holds. */
export async function writableIndex(store: Store, name: string): Promise<{ check: Check; index?: ConcreteIndex }> {
  const wrong = nameCheck(store, name);
  if (wrong) return { check: wrong };
  const found = await findCollection(store, name);
  const check = writableCheck(name, found);
  return check.status === 'FAILED' ? { check } : { check, index: onlyIndex(found!) };
}

/** The check that a collection is there, and one that can be written. */
export async function isWritableCollection(store: Store, name: string): Promise<Check> {
  return (await writableIndex(store, name)).check;
}

function writableCheck(name: string, found: Collection | undefined): Check {
  if (!found)
    return fail(
      'collection_exists',
      `there is no collection ${name}`,
      'Correct the name, or create it first by create_collection.',
    );
  if (found.kind !== 'view') return pass('collection_exists', `${name} is there`);
  return fail(
    'collection_kind',
    `${name} is an alias over several indices or with a filter: it can only be read`,
    'Name one of the indices behind it.',
  );
}

/** The check that a name is free. */
export async function isFree(store: Store, name: string): Promise<Check> {
  const wrong = nameCheck(store, name);
  if (wrong) return wrong;
  if (!(await findCollection(store, name))) return pass('name_free', `${name} is free`);
  return fail(
    'name_free',
    `there is a collection ${name} already`,
    'Choose another name, or drop or rename it first by an operation of its own.',
  );
}
