import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const dropIndex = defineOperation({
  type: 'drop_index',
  summary: 'Drops an index; its definition is kept.',
  undo: 'Builds the index again from its kept definition.',
  example: { collection: 'users', data: { name: 'users_email' } },
  risk: 'data_removed',
  data: z.strictObject({ name: nameSchema.describe('the name of the index') }),
});
