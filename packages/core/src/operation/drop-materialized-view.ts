import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const dropMaterializedView = defineOperation({
  type: 'drop_materialized_view',
  summary: 'Cassandra: drops a materialized view of a table.',
  undo: 'Creates the view again as it was defined; the store fills it from the table.',
  example: { collection: 'users', data: { name: 'users_by_email' } },
  risk: 'none',
  data: z.strictObject({ name: nameSchema.describe('the name of the view') }),
});
