import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const mergePipeline = defineOperation({
  type: 'merge_pipeline',
  summary: 'MongoDB: runs an aggregation pipeline over the collection and merges its result into another one.',
  undo: 'Removes the documents it inserted and restores the ones it changed; a collection that it created is dropped.',
  example: {
    collection: 'orders',
    data: { pipeline: [{ $group: { _id: '$user_id', total: { $sum: '$total' } } }], into: 'user_totals' },
  },
  risk: 'data_changed',
  data: z.strictObject({
    pipeline: z.array(z.record(z.string(), z.json())).describe('stages without $out and $merge'),
    into: nameSchema.describe('the collection that takes the result'),
    on: z
      .array(nameSchema)
      .min(1)
      .default(['_id'])
      .describe('the fields that make a document the same; needs a unique index on them'),
    when_matched: z
      .union([z.enum(['replace', 'keep_existing', 'merge', 'fail']), z.array(z.record(z.string(), z.json()))])
      .default('merge')
      .describe('as whenMatched of $merge; a list is an update pipeline with $$new'),
    when_not_matched: z.enum(['insert', 'discard', 'fail']).default('insert').describe('as whenNotMatched of $merge'),
  }),
});
