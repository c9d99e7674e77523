import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const load = defineOperation({
  type: 'load',
  summary:
    'Puts rows into an existing collection: from the migration itself (seeds) or from another collection of the same store (merge).',
  undo: 'Removes the rows it inserted and restores the ones it replaced; a row that was written since keeps that write, and is named.',
  example: { collection: 'countries', data: { rows: [{ code: 'DE', name: 'Germany' }], key: ['code'] } },
  risk: 'data_changed',
  conditional: true,
  data: z
    .strictObject({
      rows: z.array(z.record(z.string(), z.json())).min(1).optional().describe('the rows themselves'),
      from: nameSchema.optional().describe('the collection to read; conditions choose its rows'),
      fields: z
        .record(nameSchema, nameSchema)
        .optional()
        .describe('with from: target field to source field; equal names where missing'),
      key: z
        .array(nameSchema)
        .min(1)
        .optional()
        .describe('what makes a row the same; the primary key (MongoDB: _id) where missing'),
      mode: z
        .enum(['insert', 'upsert', 'ignore'])
        .default('insert')
        .describe('a row whose key exists: fails, is replaced in the fields given, or is left as it is'),
    })
    .refine((data) => (data.rows === undefined) !== (data.from === undefined), 'takes either rows or from'),
});
