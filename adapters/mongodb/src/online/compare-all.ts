import type { JsonValue } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idFromJson, idKey, idOf } from '../bson/id.ts';
import { idRange } from '../bson/id-range.ts';
import { type IdBatch, idBatches } from '../change/id-batches.ts';
import { collectionOf, raw, type Store } from '../store.ts';
import { knownIds, unknownOwners } from './part-owners.ts';
import type { Versions } from './versions.ts';

/**
 * Every _id that either version or the ledger knows, in the order of _id: those of the old version in batches, with each the others of its range, and at
 * the end those behind them, and those that parts alone name.
 */
export async function* everyId(store: Store, versions: Versions, size: number): AsyncGenerator<readonly unknown[]> {
  let last: JsonValue | undefined;
  for await (const batch of idBatches(store, versions.old, {}, size, undefined)) {
    yield batch.ids;
    yield* others(store, versions, rangeOf(last, batch), size);
    last = batch.last;
  }
  yield* others(store, versions, idRange(last === undefined ? undefined : idFromJson(last), undefined), size);
  yield* unknownOwners(store, versions, size);
}

function rangeOf(after: JsonValue | undefined, batch: IdBatch): Document {
  return idRange(after === undefined ? undefined : idFromJson(after), idFromJson(batch.last));
}

/** _ids of a range that the new version or the ledger has and the old version has not. */
async function* others(store: Store, versions: Versions, range: Document, size: number): AsyncGenerator<readonly unknown[]> {
  for (const name of [versions.new, versions.ledger]) {
    for await (const { ids } of idBatches(store, name, range, size, undefined)) {
      const missing = await knownIds(store, name === versions.new ? [versions.old] : [versions.old, versions.new], ids);
      const left = await withoutKeys(store, name, ids, missing);
      if (left.length > 0) yield left;
    }
  }
}

async function withoutKeys(store: Store, name: string, ids: readonly unknown[], keys: ReadonlySet<string>): Promise<unknown[]> {
  const found = await idDocuments(store, name, ids);
  return found.filter((document) => !keys.has(idKey(document))).map(idOf);
}

async function idDocuments(store: Store, name: string, ids: readonly unknown[]): Promise<Buffer[]> {
  return (await collectionOf(store, name)
    .find({ _id: { $in: [...ids] } } as Document, { ...raw, batchSize: 100_000, projection: { _id: 1 } })
    .toArray()) as unknown as Buffer[];
}
