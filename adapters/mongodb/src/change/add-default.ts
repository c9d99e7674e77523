import type { JsonObject, Progress, RunContext } from '@polyshift/core';
import type { ClientSession, Document } from 'mongodb';
import { findPath } from '../bson/element.ts';
import { idKey, idOf } from '../bson/id.ts';
import { both } from '../conditions.ts';
import { durable, raw, type Store } from '../store.ts';
import { allWritten, insertDocuments } from '../write-commands.ts';
import { createAside } from './apply.ts';
import { applyInLanes } from './apply-in-lanes.ts';
import type { ChangeTarget } from './change.ts';
import { idBatches } from './id-batches.ts';

/** How far it is, as journaled. */
interface Checkpoint extends JsonObject {
  done: boolean;
  rows_done: number;
}

/**
 * Sets a field in the documents that lack it, and keeps their _ids with the uppermost part of the path that it created: that is all that
 * rollback needs. In one transaction per batch where there are some; else the _ids first, and the write only where the field is still missing.
 */
export async function* applyDefaults(
  store: Store,
  target: ChangeTarget,
  path: readonly string[],
  value: unknown,
  batch_size: number,
  run: RunContext,
): AsyncGenerator<Progress> {
  const checkpoint = run.checkpoint as Checkpoint | undefined;
  let rows_done = checkpoint?.rows_done ?? 0;
  if (checkpoint?.done) return yield { rows_done, rows_total: rows_done };
  await createAside(store, target.aside, target.collection);
  if (store.features.transactions) {
    const update = { $set: { [path.join('.')]: value } };
    // Which parents a longer path creates is told document by document.
    const byServer = path.length === 1 ? { update, kept: [{ $project: { created: { $literal: 1 } } }] } : undefined;
    rows_done = yield* applyInLanes(store, target, batch_size, run, {
      byServer,
      byClient: (chosen, session) => applyBatch(store, target, path, value, chosen, session),
    });
    return run.save({ done: true, rows_done }, rows_done);
  }
  const rows_total = rows_done + (await store.db.collection(target.collection).countDocuments(target.filter));
  for await (const batch of idBatches(store, target.collection, target.filter, batch_size, checkpoint?.['after'])) {
    await run.guard();
    await applyBatch(store, target, path, value, both({ _id: { $in: batch.ids } }, target.filter));
    await run.fault('applied');
    rows_done += batch.ids.length;
    await run.save({ done: false, after: batch.last, rows_done }, rows_done);
    yield { rows_done, rows_total: Math.max(rows_total, rows_done) };
  }
  await run.save({ done: true, rows_done }, rows_done);
}

/** Returns the number of documents. */
async function applyBatch(
  store: Store,
  target: ChangeTarget,
  path: readonly string[],
  value: unknown,
  chosen: Document,
  session?: ClientSession,
): Promise<number> {
  const collection = store.db.collection(target.collection);
  const aside = store.db.collection(target.aside);
  const options = session ? { session } : {};
  const found = (await collection
    .find(chosen, {
      ...raw,
      ...options,
      batchSize: 100_000,
      projection: { _id: 1, ...(path.length > 1 ? { [path[0]!]: 1 } : {}) },
    })
    .toArray()) as unknown as Buffer[];
  if (found.length === 0) return 0;
  const ids = { _id: { $in: found.map(idOf) } } as Document;
  const recorded = (await aside
    .find(ids, { ...raw, ...options, batchSize: 100_000, projection: { _id: 1 } })
    .toArray()) as unknown as Buffer[];
  const known = new Set(recorded.map((document) => idKey(document)));
  const records = found
    .filter((document) => !known.has(idKey(document)))
    .map((document) => ({ _id: idOf(document), created: createdPart(document, path) }));
  await allWritten(
    insertDocuments(
      store,
      target.aside,
      records.map((item) => ({ item, bytes: 60 })),
      { session },
    ),
  );
  await collection.updateMany(both(ids, target.filter), { $set: { [path.join('.')]: value } }, session ? { session } : durable);
  return found.length;
}

/** The number of parts of the path down to the first one that is missing. */
function createdPart(document: Buffer, path: readonly string[]): number {
  for (let length = 1; length < path.length; length++) {
    if (!findPath(document, path.slice(0, length))) return length;
  }
  return path.length;
}
