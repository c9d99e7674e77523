import { type Check, fail, PolyshiftError, pass } from '@polyshift/core';
import type { Document } from 'mongodb';
import { isOwnCollection, type Store } from './store.ts';

/** A collection as the server lists it; undefined where it does not exist. */
export async function listed(store: Store, name: string): Promise<Document | undefined> {
  const [found] = await store.db.listCollections({ name }).toArray();
  return found;
}

/** The checks that a collection is there, and one whose documents can be changed. */
export async function isWritableCollection(store: Store, name: string): Promise<Check[]> {
  const there = await isThere(store, name);
  if (there.status === 'FAILED') return [there];
  const found = await listed(store, name);
  if (found?.['type'] === 'collection') return [there];
  return [
    fail(
      'collection_kind',
      `${name} is a ${found?.['type']}, whose documents cannot be changed one by one`,
      'Name the collection behind it.',
    ),
  ];
}

/** The check that a collection or view is there. */
export async function isThere(store: Store, name: string): Promise<Check> {
  if (isOwnCollection(name))
    return fail('collection_exists', `${name} belongs to polyshift or to the server`, 'Choose another collection.');
  if (await listed(store, name)) return pass('collection_exists', `${name} is there`);
  return fail(
    'collection_exists',
    `there is no collection ${name} in ${store.db.databaseName}`,
    'Correct the name, or create it first by create_collection.',
  );
}

/** The check that a name is free. */
export async function isFree(store: Store, name: string): Promise<Check> {
  if (isOwnCollection(name)) return fail('name_free', `${name} is a name of polyshift or of the server`, 'Choose another name.');
  if (name.includes('$'))
    return fail('name_free', `${name} cannot be the name of a collection: MongoDB takes no $ there`, 'Choose another name.');
  if (!(await listed(store, name))) return pass('name_free', `${name} is free`);
  return fail(
    'name_free',
    `there is a collection ${name} already`,
    'Choose another name, or drop or rename it first by an operation of its own.',
  );
}

/** The check that the server runs stages, tried without writing: what it refuses is known before anything is changed. The stages bound what they read. */
export async function pipelineRuns(store: Store, collection: string, stages: Document[]): Promise<Check> {
  try {
    await store.db.collection(collection).aggregate(stages).toArray();
    return pass('pipeline', 'the server runs the pipeline over the first documents');
  } catch (error) {
    return fail(
      'pipeline',
      `the server refuses the pipeline: ${(error as Error).message}`,
      'Correct the stage or expression that it names.',
    );
  }
}

/** Field names that MongoDB does not take as the path of an update. */
export function fieldPath(name: string): string[] {
  const parts = name.split('.');
  if (name === '_id' || name.startsWith('_id.'))
    throw new PolyshiftError('INVALID_DOCUMENT', '_id cannot be changed', {
      hint: 'Copy the documents by extract with another key.',
    });
  if (parts.some((part) => part === '' || part.startsWith('$') || part.includes('\0'))) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(name)} is not a path that can be changed`, {
      hint: 'Parts of a path are not empty and do not start with $; such fields are changed by migrate_data with $getField and $setField.',
    });
  }
  return parts;
}

/** Whether a collection has a validator, which a write of an older document must pass by: that needs a right of its own. */
export async function hasValidator(store: Store, name: string): Promise<boolean> {
  const options = (await listed(store, name))?.['options'] as Document | undefined;
  return Object.keys((options?.['validator'] as Document | undefined) ?? {}).length > 0;
}

/** The collation of a collection; undefined where it compares by bytes. */
export async function collationOf(store: Store, name: string): Promise<Document | undefined> {
  const options = (await listed(store, name))?.['options'] as Document | undefined;
  return options?.['collation'] as Document | undefined;
}
