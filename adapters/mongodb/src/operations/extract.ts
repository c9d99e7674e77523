import { type Check, checkThat, fail, type JsonObject, type Operation, PolyshiftError } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idList } from '../bson/id.ts';
import { valueText } from '../bson/json.ts';
import { renameCollection } from '../collection-rename.ts';
import { conditionFilter } from '../conditions.ts';
import { contentDigest } from '../fingerprint.ts';
import { approximateRows, planned } from '../planned.ts';
import { isFree, isThere, listed } from '../preconditions.ts';
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
        { aggregate: operation.collection, pipeline: [...pipelineOf(operation), { $out: operation.data.into }] },
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
    if (checks.every((check) => check.status !== 'FAILED') && keyField(operation) !== undefined)
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
        .aggregate([...pipelineOf(operation), { $out: staging }], { allowDiskUse: true, ...durable })
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
      checkThat(note === null || count >= note.count, 'row_count', {
        pass: `${operation.data.into} holds ${count} documents`,
        fail: `${operation.data.into} holds ${count} of ${note?.count} documents`,
        action: 'Somebody else removes documents from the new collection.',
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

/** The field that becomes _id, as the documents have it after the projection; undefined where _id is kept. */
function keyField(operation: Operation<'extract'>): string | undefined {
  const [key] = operation.data.key ?? [];
  return key === '_id' ? undefined : key;
}

/** The stages up to $out. */
function pipelineOf(operation: Operation<'extract'>): Document[] {
  const { fields, distinct } = operation.data;
  const key = keyField(operation);
  const filter = conditionFilter(operation.conditions);
  const stages: Document[] = Object.keys(filter).length > 0 ? [{ $match: filter }] : [];
  const mapped: [string, string][] | undefined = Array.isArray(fields)
    ? fields.map((field) => [field, field])
    : fields && Object.entries(fields);
  if (mapped && distinct) {
    // Null and missing are one combination, as in SQL's SELECT DISTINCT.
    const names = mapped.map((_each, index) => `f${index}`);
    stages.push(
      { $group: { _id: Object.fromEntries(mapped.map(([, from], index) => [names[index]!, { $ifNull: [`$${from}`, null] }])) } },
      {
        $project: {
          _id: key === undefined ? 0 : `$_id.${names[mapped.findIndex(([to]) => to === key)]}`,
          ...Object.fromEntries(mapped.map(([to], index) => [to, `$_id.${names[index]}`])),
        },
      },
    );
    return stages;
  }
  if (mapped) {
    const own = key === undefined ? '$_id' : `$${mapped.find(([to]) => to === key)?.[1] ?? key}`;
    stages.push({
      $project: { _id: own, ...Object.fromEntries(mapped.filter(([to]) => to !== '_id').map(([to, from]) => [to, `$${from}`])) },
    });
    return stages;
  }
  if (key !== undefined) stages.push({ $addFields: { _id: `$${key}` } });
  return stages;
}

async function keyIsUnique(store: Store, operation: Operation<'extract'>): Promise<Check> {
  const found = await store.db
    .collection(operation.collection)
    .aggregate(
      [
        ...pipelineOf(operation),
        { $group: { _id: { $ifNull: ['$_id', null] }, count: { $sum: 1 } } },
        { $match: { $or: [{ count: { $gt: 1 } }, { _id: null }] } },
        { $limit: 6 },
      ],
      { allowDiskUse: true },
    )
    .toArray();
  return checkThat(
    found.length === 0,
    'duplicates',
    {
      pass: `${keyField(operation)} is unique`,
      fail: `${keyField(operation)} cannot be the _id: ${found.map((each) => `${valueText(each['_id'])} stands in ${each['count']} documents`).join('; ')}`,
      action: 'Choose another key, or leave the duplicates out by conditions.',
    },
    { examples: idList(found.map((each) => each['_id'])) } as JsonObject,
  );
}
