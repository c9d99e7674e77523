import { innerOperations, type Operation } from '@polyshift/core';
import { collectionOf, type Store } from '../store.ts';
import { oldPathBefore } from './mapping.ts';

/** Documents that are looked at, at most, to tell the type of a field. */
const mostDocuments = 100_000;

/** The type that most documents of the old version have in each field that a change_type converts: what documents of the new version are converted back to. */
export async function frequentTypes(store: Store, operation: Operation<'online_change'>): Promise<Record<string, string>> {
  const inner = innerOperations(operation);
  const types: Record<string, string> = {};
  for (const [index, each] of inner.entries()) {
    if (each.type !== 'change_type') continue;
    const path = oldPathBefore(each.data.field_name, inner.slice(0, index));
    const [found] = await collectionOf(store, operation.collection)
      .aggregate([
        { $match: { [path]: { $exists: true, $ne: null } } },
        { $limit: mostDocuments },
        { $group: { _id: { $type: `$${path}` }, count: { $sum: 1 } } },
        { $sort: { count: -1, _id: 1 } },
        { $limit: 1 },
      ])
      .toArray();
    if (found) types[path] = String(found['_id']);
  }
  return types;
}
