import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const renameField = defineOperation({
  type: 'rename_field',
  summary: 'Renames a field, in its place; refused where the new name is taken in any row or document.',
  undo: 'Renames it back, only where it was renamed; the order of the fields is kept both ways.',
  example: { collection: 'users', data: { old_name: 'mail', new_name: 'email' } },
  risk: 'data_changed',
  data: z
    .strictObject({
      old_name: nameSchema.describe('the field as it is called now'),
      new_name: nameSchema.describe('its name afterwards, in the same document for a dotted path'),
    })
    .refine((data) => data.old_name !== data.new_name, 'old_name and new_name are the same'),
});
