import { type Check, fail, pass } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idList } from './bson/id.ts';
import { valueText } from './bson/json.ts';
import type { Store } from './store.ts';

/** Stands for an empty array, whose key in an index is neither null nor any value. */
const emptyArray = { polyshift_empty_array: true };

/**
 * The check that no two documents have the same keys as a unique index sees them: missing as null, one key for each element of an
 * array, documents outside of a partial or sparse index left out.
 */
export async function duplicateKeys(store: Store, collection: string, specification: Document): Promise<Check> {
  const fields = [...(specification['key'] as Map<string, unknown>).keys()];
  const names = fields.map((_field, index) => `k${index}`);
  const values = fields.map((field) => ({
    $cond: [{ $eq: [`$${field}`, []] }, { $literal: [emptyArray] }, { $ifNull: [`$${field}`, null] }],
  }));
  const pipeline: Document[] = [
    ...(specification['partialFilterExpression'] ? [{ $match: specification['partialFilterExpression'] }] : []),
    ...(specification['sparse'] ? [{ $match: { $or: fields.map((field) => ({ [field]: { $exists: true } })) } }] : []),
    { $project: Object.fromEntries(names.map((name, index) => [name, values[index]])) },
    ...names.map((name) => ({ $unwind: { path: `$${name}`, preserveNullAndEmptyArrays: true } })),
    // An array may hold a value twice: that is one key of its document.
    { $group: { _id: { document: '$_id', ...Object.fromEntries(names.map((name) => [name, `$${name}`])) } } },
    {
      $group: {
        _id: Object.fromEntries(names.map((name) => [name, `$_id.${name}`])),
        count: { $sum: 1 },
        ids: { $push: '$_id.document' },
      },
    },
    { $match: { count: { $gt: 1 } } },
  ];
  const options = {
    allowDiskUse: true,
    ...(specification['collation'] ? { collation: specification['collation'] as never } : {}),
  };
  const found = await store.db
    .collection(collection)
    .aggregate([...pipeline, { $limit: 5 }], options)
    .toArray();
  if (found.length === 0) return pass('duplicates', `no two documents of ${collection} have the same ${fields.join(', ')}`);
  const [all] = await store.db
    .collection(collection)
    .aggregate([...pipeline, { $group: { _id: null, keys: { $sum: 1 }, documents: { $sum: '$count' } } }], options)
    .toArray();
  const examples = found.map((group) => {
    const keys = names.map((name) => valueText((group['_id'] as Document)[name] ?? null)).join(', ');
    return `${keys} in ${idList(group['ids'] as unknown[], 3)}`;
  });
  return fail(
    'duplicates',
    `${all?.['keys']} values of ${fields.join(', ')} stand in ${all?.['documents']} documents of ${collection}: ${examples.join('; ')}`,
    'Remove or change the duplicates first, or make the index partial by `where`.',
    { values: Number(all?.['keys']), documents: Number(all?.['documents']), examples },
  );
}
