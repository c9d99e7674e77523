import type { JsonObject, JsonValue, Partition } from '@polyshift/core';
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

/** _ids that are drawn of a whole collection to cut a part of it in two. */
const samplesForSplit = 1000;

/**
 * Cuts what a partition has left behind an _id in two, at an _id that the server has drawn at random of the whole collection: that costs the same however large it is.
 * Undefined where too few of those that were drawn lie in what is left.
 */
export async function splitPartition(
  store: Store,
  collection: string,
  partition: Partition,
  after: JsonValue,
): Promise<readonly [Partition, Partition] | undefined> {
  const bounds = partition.bounds as JsonObject;
  if (isAtEnd(bounds, after)) return undefined;
  const pipeline = [
    { $sample: { size: samplesForSplit } },
    { $match: partitionFilter({}, bounds, after === null ? undefined : idFromJson(after)) },
    { $project: { _id: 1 } },
    { $sort: { _id: 1 } },
  ];
  const sample = (await store.db.collection(collection).aggregate(pipeline, raw).toArray()) as unknown as Buffer[];
  const distinct = sample.filter((document, index) => index === 0 || idKey(document) !== idKey(sample[index - 1]!));
  if (distinct.length < 2) return undefined;
  const cut = idToJson(idOf(distinct[Math.floor(distinct.length / 2) - 1]!));
  const { approximate_count: _whole, ...part } = partition;
  return [
    { ...part, bounds: { ...bounds, up_to: cut } },
    { ...part, bounds: { ...bounds, above: cut } },
  ];
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

/** Whether an _id that was reached, as JSON, is the last that a partition can have. */
export function isAtEnd(bounds: JsonObject, after: JsonValue | undefined): boolean {
  return bounds['up_to'] !== undefined && JSON.stringify(bounds['up_to']) === JSON.stringify(after);
}

/** The filter of a partition, behind an _id where one was reached. */
export function partitionFilter(filter: Document, bounds: JsonObject, after: unknown): Document {
  const lower = after !== undefined ? after : bounds['above'] === undefined ? undefined : idFromJson(bounds['above']);
  const upper = bounds['up_to'] === undefined ? undefined : idFromJson(bounds['up_to']);
  return both(idRange(lower, upper), filter);
}
