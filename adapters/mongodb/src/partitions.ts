import type { JsonObject, Partition } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idFromJson, idKey, idOf, idToJson } from './bson/id.ts';
import { idRange } from './bson/id-range.ts';
import { both } from './conditions.ts';
import { raw, type Store } from './store.ts';

/** _ids sampled for each partition that is wanted. */
const samplesPerPartition = 40;

/**
 * Splits a collection by _id. The bounds are _ids that the server has drawn at random and sorted itself, so that they follow its order over
 * all types; each document is above one bound and up to the next, whatever the sample was. A collection that cannot be
 * sampled is one partition.
 */
export async function partitionsOf(
  store: Store,
  collection: string,
  filter: Document,
  want: number,
  count: number | undefined,
): Promise<Partition[]> {
  const bounds = want > 1 ? await sampleBounds(store, collection, filter, want) : [];
  const edges = [undefined, ...bounds, undefined];
  const share = count === undefined ? undefined : Math.ceil(count / (bounds.length + 1));
  return edges.slice(0, -1).map((lower, index) => ({
    id: index,
    bounds: {
      ...(lower === undefined ? {} : { above: idToJson(lower) }),
      ...(edges[index + 1] === undefined ? {} : { up_to: idToJson(edges[index + 1]) }),
    },
    ...(share === undefined ? {} : { approximate_count: share }),
  }));
}

async function sampleBounds(store: Store, collection: string, filter: Document, want: number): Promise<unknown[]> {
  const pipeline = [
    ...(Object.keys(filter).length > 0 ? [{ $match: filter }] : []),
    { $sample: { size: want * samplesPerPartition } },
    { $project: { _id: 1 } },
    { $sort: { _id: 1 } },
  ];
  const sample = (await store.db.collection(collection).aggregate(pipeline, raw).toArray()) as unknown as Buffer[];
  // A sample may draw a document twice.
  const distinct = sample.filter((document, index) => index === 0 || idKey(document) !== idKey(sample[index - 1]!));
  const bounds: unknown[] = [];
  const parts = Math.min(want, distinct.length);
  for (let part = 1; part < parts; part++) bounds.push(idOf(distinct[Math.floor((part * distinct.length) / parts) - 1]!));
  return bounds;
}

/** The filter of a partition, behind an _id where one was reached. */
export function partitionFilter(filter: Document, bounds: JsonObject, after: unknown): Document {
  const lower = after !== undefined ? after : bounds['above'] === undefined ? undefined : idFromJson(bounds['above']);
  const upper = bounds['up_to'] === undefined ? undefined : idFromJson(bounds['up_to']);
  return both(idRange(lower, upper), filter);
}
