import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const removeField = defineOperation({
  type: 'remove_field',
  summary: 'Removes a field; its values are kept aside until the migration is finalized.',
  undo: 'Brings the field back with every value, in its place, with the indexes and constraints it had.',
  example: { collection: 'users', data: { field_name: 'legacy_flags' } },
  risk: 'data_removed',
  conditional: true,
  data: z.strictObject({ field_name: nameSchema.describe('the field to remove; a dotted path reaches into a document') }),
});
