import {
  type Check,
  cameToEnd,
  checkThat,
  fail,
  type JsonObject,
  type Operation,
  PolyshiftError,
  type Progress,
} from '@polyshift/core';
import type { Document } from 'mongodb';
import { aggregationStages, writingStage } from '../aggregation-stages.ts';
import { idKey } from '../bson/id.ts';
import { createAside } from '../change/apply.ts';
import { applyRows } from '../change/apply-rows.ts';
import { idBatches } from '../change/id-batches.ts';
import { rawDocuments } from '../change/image.ts';
import { restoreImages } from '../change/restore.ts';
import type { RowRule } from '../change/row-changes.ts';
import { verifyImages } from '../change/verify.ts';
import { listIndexes } from '../introspect.ts';
import { withNewDocument } from '../merge-update.ts';
import { approximateRows, planned } from '../planned.ts';
import { isThere, listed, pipelineRuns } from '../preconditions.ts';
import { asideCollection, dropIfThere, durable, isOwnCollection, type Store } from '../store.ts';
import { updateStages } from '../update-pipeline.ts';
import type { HandlerOf } from './handler-of.ts';

/** merge_pipeline: the result of a pipeline, computed once into a collection aside, then merged in batches as $merge would. */
export const mergePipeline: HandlerOf<'merge_pipeline', { created: boolean }> = (store) => ({
  async plan(operation, context) {
    const { into, on, when_matched, when_not_matched } = operation.data;
    const names = { keep_existing: 'keepExisting' } as Record<string, string>;
    const whenMatched = typeof when_matched === 'string' ? (names[when_matched] ?? when_matched) : when_matched;
    return [
      planned(
        {
          aggregate: operation.collection,
          pipeline: [...operation.data.pipeline, { $merge: { into, on, whenMatched, whenNotMatched: when_not_matched } }],
        },
        {
          phase: 'migrate',
          rows: approximateRows(context, operation.collection),
          risk: 'data_changed',
          undo: 'removes the documents it inserted and restores those it changed',
        },
      ),
    ];
  },

  async check(operation) {
    const checks: Check[] = [await isThere(store, operation.collection)];
    const { pipeline, into, on, when_matched } = operation.data;
    if (isOwnCollection(into))
      checks.push(fail('into', `${into} is a name of polyshift or of the server`, 'Choose another name.'));
    checks.push(...writingStage(pipeline, 'into, on and when_matched say'));
    if (Array.isArray(when_matched)) {
      updateStages(when_matched as JsonObject[]);
      if (!store.features.transactions || !store.features.pipeline_updates) {
        throw new PolyshiftError(
          'UNSUPPORTED_OPERATION',
          'when_matched as a pipeline needs a server with transactions and update pipelines',
          {
            place: { path: 'data.when_matched' },
            hint: 'Use merge, replace, keep_existing or fail, and compute the new values in the pipeline.',
          },
        );
      }
    }
    if (checks.some((check) => check.status === 'FAILED')) return checks;
    checks.push(await keyIsUnique(store, into, on));
    checks.push(
      await pipelineRuns(store, operation.collection, [
        { $limit: 100 },
        ...aggregationStages(operation.data.pipeline),
        { $limit: 1 },
      ]),
    );
    return checks;
  },

  async prepare(operation) {
    return { created: (await listed(store, operation.data.into)) === undefined };
  },

  async *execute(operation, _undo, run): AsyncGenerator<Progress> {
    const checkpoint = run.checkpoint as JsonObject | undefined;
    let rows_done = Number(checkpoint?.['rows_done'] ?? 0);
    if (checkpoint?.['done']) return yield { rows_done, rows_total: rows_done };
    const [aside, result] = [asideCollection(run.aside), asideCollection(run.aside, 'result')];
    if (!checkpoint?.['computed']) {
      yield { rows_done: 0, note: 'computing the result' };
      await run.guard();
      await compute(store, operation, result);
      await run.fault('computed');
      await run.save({ computed: true, rows_done: 0 }, 0);
    }
    await createAside(store, aside);
    await createAside(store, operation.data.into);
    const rows_total = await store.db.collection(result).countDocuments({});
    const { when_matched } = operation.data;
    const pipelineFor = Array.isArray(when_matched)
      ? (row: unknown): Document[] => withNewDocument(updateStages(when_matched as JsonObject[]), row)
      : undefined;
    for await (const batch of idBatches(store, result, {}, operation.batch_size, checkpoint?.['after'])) {
      await run.guard();
      const documents = await rawDocuments(store, result, { _id: { $in: batch.ids } });
      const rows = documents.map((document) => ({ document, tag: idKey(document) }));
      await applyRows(store, ruleOf(operation), aside, rows, pipelineFor);
      await run.fault('applied');
      rows_done += rows.length;
      await run.save({ computed: true, after: batch.last, rows_done }, rows_done);
      yield { rows_done, rows_total };
    }
    await run.save({ done: true, rows_done }, rows_done);
  },

  verify: async (operation, _undo, run) => [
    cameToEnd(run),
    checkThat((await listed(store, operation.data.into)) !== undefined, 'collection_there', {
      pass: `${operation.data.into} is there`,
      fail: `there is no collection ${operation.data.into}`,
      action: 'Somebody else has dropped it: run again.',
    }),
    ...(await verifyImages(store, operation.data.into, asideCollection(run.aside))),
  ],

  async *rollback(operation, undo, run): AsyncGenerator<Progress> {
    const { into } = operation.data;
    const aside = asideCollection(run.aside);
    const there = await listed(store, into);
    if (undo.created && there) {
      const [count, own] = [
        await store.db.collection(into).countDocuments({}),
        await store.db.collection(aside).countDocuments({}),
      ];
      if (count > own) {
        throw new PolyshiftError('WRITTEN_SINCE', `${into} holds ${count} documents, of which the migration wrote ${own}`, {
          hint: 'Move the other documents elsewhere first.',
          data: { collection: into, count, own },
        });
      }
      await dropIfThere(store, into);
    } else if (there) yield* restoreImages(store, into, aside, run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard(_operation, _undo, run) {
    await dropIfThere(store, asideCollection(run.aside));
    await dropIfThere(store, asideCollection(run.aside, 'result'));
  },
});

function ruleOf(operation: Operation<'merge_pipeline'>): RowRule {
  const { into, on, when_matched, when_not_matched } = operation.data;
  const matched = Array.isArray(when_matched) ? 'pipeline' : when_matched === 'keep_existing' ? 'keep' : when_matched;
  return { collection: into, key: on, matched, unmatched: when_not_matched };
}

/** Computes the result as a whole: begun anew where an earlier attempt has not finished it. */
async function compute(store: Store, operation: Operation<'merge_pipeline'>, result: string): Promise<void> {
  await dropIfThere(store, result);
  await store.db
    .collection(operation.collection)
    .aggregate([...aggregationStages(operation.data.pipeline), { $out: result }], { allowDiskUse: true, ...durable })
    .toArray();
  await createAside(store, result);
}

async function keyIsUnique(store: Store, into: string, on: readonly string[]): Promise<Check> {
  const wanted = [...on].sort().join('\0');
  const unique =
    wanted === '_id' ||
    (await listIndexes(store, into)).some(
      (index) =>
        index.unique &&
        index.keys
          .map((key) => key.field)
          .sort()
          .join('\0') === wanted,
    );
  return checkThat(unique, 'unique_key', {
    pass: `${on.join(', ')} is unique in ${into}`,
    fail: `${into} has no unique index on ${on.join(', ')}`,
    action: 'Create one first by create_index; $merge needs it too.',
  });
}
