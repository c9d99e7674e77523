import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const setDefault = defineOperation({
  type: 'set_default',
  summary: 'Sets, replaces or (with neither value nor expression) drops the default of a column; existing rows stay as they are.',
  undo: 'Brings back the default that was there, or none.',
  example: { collection: 'orders', data: { field_name: 'status', default_value: 'new' } },
  risk: 'none',
  data: z
    .strictObject({
      field_name: nameSchema.describe('the column'),
      default_value: z.json().optional().describe('a constant'),
      expression: z.string().min(1).optional().describe('a default computed by the store, like now()'),
    })
    .refine(
      (data) => data.default_value === undefined || data.expression === undefined,
      'takes either default_value or expression',
    ),
});
