import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const extract = defineOperation({
  type: 'extract',
  summary: 'Copies the rows that meet the conditions into a new collection of the same store: split, normalise, stage.',
  undo: 'Drops the new collection; refused while it holds rows that were written since.',
  example: { collection: 'orders', conditions: { status: 'closed' }, data: { into: 'closed_orders' } },
  risk: 'none',
  conditional: true,
  data: z.strictObject({
    into: nameSchema.describe('the collection to create; refused where it exists'),
    fields: z
      .union([z.array(nameSchema).min(1), z.record(nameSchema, nameSchema)])
      .optional()
      .describe('fields to copy, or new name to old name; all where missing'),
    pipeline: z
      .array(z.record(z.string(), z.json()).refine((stage) => Object.keys(stage).length === 1, 'a stage has exactly one key'))
      .min(1)
      .optional()
      .describe(
        'changes to each copied row, as in migrate_data: $set and $unset, on MongoDB any stage; fields are chosen after it',
      ),
    distinct: z.boolean().default(false).describe('one row for each combination of the fields, nulls included'),
    key: z
      .array(nameSchema)
      .optional()
      .describe('the primary key of the new table; for MongoDB one field that becomes _id, else _id is kept'),
  }),
});
