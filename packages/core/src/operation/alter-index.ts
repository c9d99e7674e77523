import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const alterIndex = defineOperation({
  type: 'alter_index',
  summary: 'Changes an index in place: its name, its visibility or its time to live.',
  undo: 'Sets what it changed back to what it was.',
  example: { collection: 'sessions', data: { name: 'sessions_ttl', expire_after_seconds: 3600 } },
  risk: 'none',
  data: z
    .strictObject({
      name: nameSchema.describe('the index as it is called now'),
      new_name: nameSchema
        .optional()
        .describe('its name afterwards (SQL: a rename; MongoDB: built anew, then the old one is dropped)'),
      hidden: z.boolean().optional().describe('MongoDB, MySQL: hidden from queries or not'),
      expire_after_seconds: z.int().min(0).optional().describe('MongoDB: the new time to live'),
    })
    .refine(
      (data) => data.new_name !== undefined || data.hidden !== undefined || data.expire_after_seconds !== undefined,
      'names nothing to change',
    ),
});
