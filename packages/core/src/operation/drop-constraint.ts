import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const dropConstraint = defineOperation({
  type: 'drop_constraint',
  summary: 'Drops a constraint; its definition is kept.',
  undo: 'Adds the constraint again from its kept definition; refused where rows written since break it.',
  example: { collection: 'orders', data: { name: 'orders_user' } },
  risk: 'none',
  data: z.strictObject({
    name: nameSchema.describe('the name of the constraint'),
    not_null: nameSchema.optional().describe('instead of a named constraint: the column that may be null from now on'),
  }),
});
