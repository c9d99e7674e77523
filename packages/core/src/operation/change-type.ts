import { z } from 'zod';
import { typeReference } from '../value/portable-type.ts';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const changeType = defineOperation({
  type: 'change_type',
  summary: 'Converts a field to another type; a value that does not convert stops it before anything is changed.',
  undo: 'Brings the old type and every old value back from their before-images.',
  example: { collection: 'users', data: { field_name: 'age', to: 'int64' } },
  risk: 'data_changed',
  data: z.strictObject({
    field_name: nameSchema.describe('the field to convert'),
    to: typeReference.describe('the portable or native type afterwards'),
    using: z
      .string()
      .min(1)
      .optional()
      .describe('how to convert: an SQL expression on SQL stores, an aggregation expression as JSON text on MongoDB'),
  }),
});
