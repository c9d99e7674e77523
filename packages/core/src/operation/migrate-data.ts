import { z } from 'zod';
import { defineOperation } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const migrateData = defineOperation({
  type: 'migrate_data',
  summary: 'Changes the rows or documents that meet the conditions, in place, in batches by key.',
  undo: 'Brings every changed row back from its before-image; a row that the application has written since keeps that write, and is named.',
  example: { collection: 'users', conditions: { age: { gte: 18 } }, data: { pipeline: [{ $set: { adult: true } }] } },
  risk: 'data_changed',
  conditional: true,
  data: z
    .strictObject({
      pipeline: z
        .array(z.record(z.string(), z.json()).refine((stage) => Object.keys(stage).length === 1, 'a stage has exactly one key'))
        .min(1)
        .optional()
        .describe(
          'stages of an update pipeline: $set, $unset, and on MongoDB $project, $replaceWith; SQL stores take $set and $unset with aggregation expressions of the documented subset',
        ),
      set: z.record(z.string(), z.string()).optional().describe('SQL stores: column to SQL expression over the row'),
    })
    .refine((data) => (data.pipeline === undefined) !== (data.set === undefined), 'takes either pipeline or set'),
});
