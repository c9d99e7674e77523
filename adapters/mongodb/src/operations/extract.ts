import { type Check, checkThat, fail, type JsonObject, type Operation, PolyshiftError } from '@polyshift/core';
import type { Document } from 'mongodb';
import { writingStage } from '../aggregation-stages.ts';
import { idList } from '../bson/id.ts';
import { valueText } from '../bson/json.ts';
import { renameCollection } from '../collection-rename.ts';
import { extractStages, keyField } from '../extract-stages.ts';
import { contentDigest } from '../fingerprint.ts';
import { approximateRows, planned } from '../planned.ts';
import { isFree, isThere, listed, pipelineRuns } from '../preconditions.ts';
import { asideCollection, dropIfThere, durable, type Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** What was copied, kept aside before the copy gets its name: rollback drops it only while it is still that. */
interface Note {
  _id: string;
  digest: string;
  count: number;
}

/** extract: $out into a collection aside, then one rename, so that the new collection is there as a whole or not at all. */
export const extract: HandlerOf<'extract'> = (store) => ({
  async plan(operation, context) {
    return [
      planned(
        { aggregate: operation.collection, pipeline: [...extractStages(operation), { $out: operation.data.into }] },
        {
          phase: 'migrate',
          rows: approximateRows(context, operation.collection),
          risk: 'none',
          undo: `drops ${operation.data.into}; refused while it holds what was written since`,
        },
      ),
    ];
  },

  async check(operation) {
    const checks: Check[] = [await isThere(store, operation.collection), await isFree(store, operation.data.into)];
    const { key } = operation.data;
    if (key && key.length > 1) {
      checks.push(
        fail(
          'key',
          `_id is one field, not ${key.join(', ')}`,
          'Name one field, or leave the key out and create a unique index on the new collection.',
        ),
      );
    }
    checks.push(...writingStage(operation.data.pipeline ?? [], 'into says'));
    if (operation.data.pipeline && checks.every((check) => check.status !== 'FAILED'))
      checks.push(await pipelineRuns(store, operation.collection, [{ $limit: 100 }, ...extractStages(operation), { $limit: 1 }]));
    if (checks.every((check) => check.status !== 'FAILED') && (keyField(operation) !== undefined || operation.data.pipeline))
      checks.push(await keyIsUnique(store, operation));
    return checks;
  },

  async prepare(_operation, run) {
    return { note: asideCollection(run.aside) };
  },

  async *execute(operation, _undo, run) {
    const staging = asideCollection(run.aside, 'copy');
    const notes = store.db.collection<Note>(asideCollection(run.aside));
    let note = await notes.findOne({ _id: 'extract' });
    if (!note) {
      await run.guard();
      await dropIfThere(store, staging);
      await store.db
        .collection(operation.collection)
        .aggregate([...extractStages(operation), { $out: staging }], { allowDiskUse: true, ...durable })
        .toArray();
      // Where nothing was copied, not every server leaves a collection behind.
      await store.db.command({ create: staging, ...durable }).catch(() => undefined);
      await run.fault('copied');
      const { sum, count } = await contentDigest(store, staging);
      note = { _id: 'extract', digest: sum, count };
      await notes.replaceOne({ _id: 'extract' }, note, { upsert: true, ...durable });
    }
    await run.guard();
    await run.fault('noted');
    if (await listed(store, staging)) await renameCollection(store, staging, operation.data.into);
    yield { rows_done: note.count, rows_total: note.count };
  },

  async verify(operation, _undo, run) {
    const note = await store.db.collection<Note>(asideCollection(run.aside)).findOne({ _id: 'extract' });
    const count = (await listed(store, operation.data.into))
      ? await store.db.collection(operation.data.into).countDocuments({})
      : -1;
    return [
      checkThat(note !== null && count >= note.count, 'row_count', {
        pass: `${operation.data.into} holds ${count} documents`,
        fail: note
          ? `${operation.data.into} holds ${count} of ${note.count} documents`
          : `the documents of ${operation.collection} have not all been copied into ${operation.data.into}`,
        action: note ? 'Somebody else removes documents from the new collection.' : 'Run again.',
      }),
    ];
  },

  async *rollback(operation, _undo, run) {
    await dropIfThere(store, asideCollection(run.aside, 'copy'));
    const note = await store.db.collection<Note>(asideCollection(run.aside)).findOne({ _id: 'extract' });
    // Without a note nothing was renamed yet: a collection of the new name is somebody else's.
    if (note && (await listed(store, operation.data.into))) {
      const now = await contentDigest(store, operation.data.into);
      if (now.sum !== note.digest) {
        throw new PolyshiftError(
          'WRITTEN_SINCE',
          `${operation.data.into} was written since it was extracted: it holds ${now.count} documents, then ${note.count}`,
          {
            hint: 'Rename the collection to keep it.',
            data: { collection: operation.data.into, count: now.count, extracted: note.count },
          },
        );
      }
      await dropIfThere(store, operation.data.into);
    }
    yield { rows_done: note?.count ?? 0, rows_total: note?.count ?? 0 };
  },

  async discard(_operation, _undo, run) {
    await dropIfThere(store, asideCollection(run.aside, 'copy'));
    await dropIfThere(store, asideCollection(run.aside));
  },
});

async function keyIsUnique(store: Store, operation: Operation<'extract'>): Promise<Check> {
  const key = keyField(operation);
  // A document without an _id gets one when it is written; without a key that was asked for it is wrong.
  const withId: Document[] = key === undefined ? [{ $match: { _id: { $exists: true } } }] : [];
  const wrong: Document[] = [{ count: { $gt: 1 } }, ...(key === undefined ? [] : [{ _id: null }])];
  const found = await store.db
    .collection(operation.collection)
    .aggregate(
      [
        ...extractStages(operation),
        ...withId,
        { $group: { _id: { $ifNull: ['$_id', null] }, count: { $sum: 1 } } },
        { $match: { $or: wrong } },
        { $limit: 6 },
      ],
      { allowDiskUse: true },
    )
    .toArray();
  const name = key ?? '_id';
  return checkThat(
    found.length === 0,
    'duplicates',
    {
      pass: `${name} is unique`,
      fail: `${name} cannot be the _id: ${found.map((each) => `${valueText(each['_id'])} stands in ${each['count']} documents`).join('; ')}`,
      action: 'Choose another key, or leave the duplicates out by conditions.',
    },
    { examples: idList(found.map((each) => each['_id'])) } as JsonObject,
  );
}
