import { type Check, fail, warn } from '@polyshift/core';
import type { Store } from '../store.ts';
import { indexesOf } from './build.ts';

/** The indexes that have an attribute in their key. */
async function indexesWith(store: Store, collection: string, field: string): Promise<string[]> {
  const indexes = await indexesOf(store, collection);
  return [...indexes.values()].filter(({ key }) => key.some((part) => part.field === field)).map(({ name }) => name);
}

/** Warns where items leave an index because they lose an attribute of its key. */
export async function leavesIndexes(store: Store, collection: string, field: string): Promise<Check[]> {
  const names = await indexesWith(store, collection, field);
  if (names.length === 0) return [];
  return [
    warn(
      'index_attributes',
      `items without ${field} are not in the index ${names.join(', ')}, which will be empty`,
      'Make an index for the new attribute by add_gsi, and drop this one.',
    ),
  ];
}

/** Refuses a conversion of an attribute that stands in the key of an index, whose type is fixed. */
export async function isInNoIndex(store: Store, collection: string, field: string): Promise<Check[]> {
  const names = await indexesWith(store, collection, field);
  if (names.length === 0) return [];
  return [
    fail(
      'index_attributes',
      `${field} stands in the key of the index ${names.join(', ')}, which takes values of one type only`,
      'Drop the index by drop_index first, and make it anew afterwards.',
    ),
  ];
}
