import { fail, type JsonObject, type Operation } from '@polyshift/core';
import { conditionFilter } from '../conditions.ts';
import { approximateRows, planned, rangeOfIds } from '../planned.ts';
import { isWritableCollection, pipelineRuns } from '../preconditions.ts';
import { updateStages } from '../update-pipeline.ts';
import type { HandlerOf } from './handler-of.ts';
import { imageMethods } from './image-operation.ts';

/** migrate_data: an update pipeline over the documents that meet the conditions. */
export const migrateData: HandlerOf<'migrate_data'> = (store) => {
  const stagesOf = (operation: Operation<'migrate_data'>) => updateStages((operation.data.pipeline ?? []) as JsonObject[]);
  const { verifyImages, ...shared } = imageMethods<'migrate_data'>(store, {
    filter: (operation) => conditionFilter(operation.conditions),
    change: (operation) => ({ by: 'pipeline', stages: stagesOf(operation) }),
  });

  return {
    ...shared,

    async plan(operation, context) {
      return [
        planned(
          {
            update: operation.collection,
            updates: [
              { q: { ...rangeOfIds, ...conditionFilter(operation.conditions) }, u: operation.data.pipeline, multi: true },
            ],
          },
          {
            phase: 'migrate',
            rows: approximateRows(context, operation.collection),
            risk: 'data_changed',
            undo: 'puts every changed document back from its before-image',
          },
        ),
      ];
    },

    async check(operation) {
      const checks = await isWritableCollection(store, operation.collection);
      if (checks[0]!.status === 'FAILED') return checks;
      if (!operation.data.pipeline) {
        return [
          ...checks,
          fail('pipeline', 'MongoDB takes a pipeline, not SQL expressions under `set`', 'Write the change as `pipeline`.'),
        ];
      }
      const sample = [{ $match: conditionFilter(operation.conditions) }, { $limit: 100 }];
      checks.push(await pipelineRuns(store, operation.collection, [...sample, ...stagesOf(operation)]));
      return checks;
    },

    verify: (operation, _undo, run) => verifyImages(operation, run),
  };
};
