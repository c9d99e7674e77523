import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const dropTemplate = defineOperation({
  type: 'drop_template',
  summary: 'Elasticsearch: deletes an index template; the indices made from it stay as they are.',
  undo: 'Puts the template back as it was.',
  example: { collection: 'logs-*', data: { name: 'logs' } },
  risk: 'none',
  data: z.strictObject({ name: nameSchema.describe('the name of the template') }),
});
