import type { Operation } from '@polyshift/core';
import { collectionOf, type Store } from '../store.ts';
import type { PartUndo } from './parts.ts';

/** Names of fields that a collection may have before they are taken for data, and not for names. */
export const mostFields = 500;

/** The parts of an online change, as its undo record keeps them: those of splits first, then those of merges, with the fields that their documents have now. */
export async function partsToKeep(store: Store, operation: Operation<'online_change'>): Promise<PartUndo[]> {
  const { split = [], merge = [] } = operation.data;
  const parts = split.map(
    ({ into, fields, key }): PartUndo => ({ side: 'new', collection: into, key: key?.[0] ?? '_id', fields: [...fields] }),
  );
  for (const { from, fields, key } of merge) {
    const name = key?.[0] ?? '_id';
    parts.push({ side: 'old', collection: from, key: name, fields: [...(fields ?? (await fieldNames(store, from, name)))] });
  }
  return parts;
}

/** The names of the fields that the documents of a collection have, but for _id and the key; one more than {@link mostFields} at most. */
export async function fieldNames(store: Store, collection: string, key: string): Promise<string[]> {
  const found = await collectionOf(store, collection)
    .aggregate(
      [
        { $project: { _id: 0, field: { $objectToArray: '$$ROOT' } } },
        { $unwind: '$field' },
        { $group: { _id: '$field.k' } },
        { $match: { _id: { $nin: ['_id', key] } } },
        { $limit: mostFields + 1 },
        { $sort: { _id: 1 } },
      ],
      { allowDiskUse: true },
    )
    .toArray();
  return found.map(({ _id }) => String(_id));
}
