import { z } from 'zod';
import { defineOperation } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const changeEncoding = defineOperation({
  type: 'change_encoding',
  summary: 'Redis: keeps the rows of a collection as hashes or as strings of JSON, in place; their time to live is kept.',
  undo: 'Brings every value back in the encoding and to the byte as it was; a row that the application has written since keeps that write, and is named.',
  example: { collection: 'users', data: { to: 'hash' } },
  risk: 'data_changed',
  conditional: true,
  data: z.strictObject({
    to: z.enum(['hash', 'json']).describe('hash: one field per field; json: a string that holds one JSON object'),
  }),
});
