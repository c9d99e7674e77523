import { z } from 'zod';
import { typeReference } from '../value/portable-type.ts';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const addField = defineOperation({
  type: 'add_field',
  summary: 'Adds a field, and gives it a default value where rows or documents lack it.',
  undo: 'Takes the field away again, only from the documents it gave it to; a table loses the column. Values that the application has written into it since are kept aside.',
  example: { collection: 'users', data: { field_name: 'email_verified', default_value: false } },
  risk: 'data_changed',
  conditional: true,
  data: z.strictObject({
    field_name: nameSchema.describe('the new field; a dotted path reaches into a document'),
    type: typeReference.optional().describe('portable or native type; on SQL stores needed unless default_value shows it'),
    default_value: z
      .json()
      .optional()
      .describe(
        'the value for existing rows and, on SQL stores, for new ones; without it the field is null (SQL) or absent (documents)',
      ),
    nullable: z.boolean().default(true).describe('false adds NOT NULL on SQL stores; needs a default_value where rows exist'),
    comment: z.string().optional().describe('a comment on the column, where the store keeps comments'),
  }),
});
