import { z } from 'zod';
import { defineOperation } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const dropValidation = defineOperation({
  type: 'drop_validation',
  summary: 'Drops the validation schema of a collection.',
  undo: 'Sets it again as it was.',
  example: { collection: 'users', data: {} },
  risk: 'none',
  data: z.strictObject({}).default({}),
});
