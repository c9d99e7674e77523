import { z } from 'zod';
import { defineOperation } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const alterOptions = defineOperation({
  type: 'alter_options',
  summary: 'Changes options of a table or collection: storage parameters and comment on SQL stores, collMod options on MongoDB.',
  undo: 'Sets each option back to what it was.',
  example: { collection: 'users', data: { options: { fillfactor: 80 } } },
  risk: 'none',
  data: z.strictObject({
    options: z
      .record(z.string(), z.json())
      .refine((options) => Object.keys(options).length > 0, 'names no option')
      .describe('option to value; null sets it back to the default of the store'),
  }),
});
