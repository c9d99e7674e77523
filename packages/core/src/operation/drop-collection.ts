import { z } from 'zod';
import { defineOperation } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const dropCollection = defineOperation({
  type: 'drop_collection',
  summary: 'Takes a collection or table out of use; it is kept aside with its data until the migration is finalized.',
  undo: 'Puts it back under its name with its data, indexes and constraints.',
  example: { collection: 'old_orders', data: {} },
  risk: 'data_removed',
  data: z.strictObject({}).default({}),
});
