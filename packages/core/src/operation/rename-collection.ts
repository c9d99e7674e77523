import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const renameCollection = defineOperation({
  type: 'rename_collection',
  summary: 'Renames a collection or table; refused where the new name is taken.',
  undo: 'Renames it back.',
  example: { collection: 'users', data: { new_name: 'customers' } },
  risk: 'none',
  data: z.strictObject({ new_name: nameSchema.describe('its name afterwards, in the same database or schema') }),
});
