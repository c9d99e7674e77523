import { type IndexSchema, innerOperations, type JsonObject, type Operation } from '@polyshift/core';
import { indexSpecification } from '../index-definition.ts';
import { listIndexes } from '../introspect.ts';
import { buildIndex } from '../operations/create-index.ts';
import { listed } from '../preconditions.ts';
import { durable, type Store } from '../store.ts';
import { hasOwnIds, type Part } from './parts.ts';

/** The indexes of the old version as the new one has them: those whose fields have all moved stand in the collection that has them. */
export interface PlacedIndexes {
  readonly main: readonly IndexSchema[];
  readonly moved: readonly { readonly into: string; readonly index: IndexSchema }[];
  /** Indexes over fields that do not stand together any more. */
  readonly parted: readonly IndexSchema[];
}

/** Says where the indexes of the old version stand in the new one; those that the change itself names stay where they are. */
export function placeIndexes(operation: Operation<'online_change'>, indexes: readonly IndexSchema[]): PlacedIndexes {
  const named = new Set(innerOperations(operation).flatMap(({ data }) => ('name' in data ? [String(data.name)] : [])));
  const main: IndexSchema[] = [];
  const moved: { into: string; index: IndexSchema }[] = [];
  const parted: IndexSchema[] = [];
  for (const index of indexes) {
    const places = new Set(index.keys.map(({ field }) => placeOf(operation, field)));
    const [into] = places;
    const partial = (index.definition as JsonObject)['partialFilterExpression'] !== undefined;
    if (named.has(index.name) || (places.size === 1 && into === undefined)) main.push(index);
    else if (places.size === 1 && !partial) moved.push({ into: into!, index });
    else parted.push(index);
  }
  return { main, moved, parted };
}

function placeOf(operation: Operation<'online_change'>, field: string): string | undefined {
  const name = field.split('.')[0]!;
  return operation.data.split?.find(({ fields }) => fields.includes(name))?.into;
}

/** The index by which the documents of a part are found, and which keeps a second one for the same document out. */
export function keyIndex({ key }: Pick<Part, 'key'>): JsonObject {
  return { keys: [[key, 1]], name: `${key}_1`, unique: true };
}

/** Whether a collection has a unique index over the key of a part, which no document escapes. */
export async function hasKeyIndex(store: Store, part: Pick<Part, 'collection' | 'key'>): Promise<boolean> {
  const indexes = await listIndexes(store, part.collection);
  return indexes.some(({ unique, keys, definition }) => {
    const { partialFilterExpression, collation } = definition as JsonObject;
    return (
      unique &&
      keys.length === 1 &&
      keys[0]!.field === part.key &&
      partialFilterExpression === undefined &&
      collation === undefined
    );
  });
}

/** Makes the collection of a split, empty, with the indexes that its fields had. */
export async function makePart(store: Store, part: Part, indexes: readonly IndexSchema[]): Promise<void> {
  if (!(await listed(store, part.collection))) await store.db.command({ create: part.collection, ...durable });
  if (hasOwnIds(part)) await buildIndex(store, part.collection, indexSpecification(keyIndex(part)));
  for (const { definition } of indexes) await buildIndex(store, part.collection, indexSpecification(definition as JsonObject));
}
