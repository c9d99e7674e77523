import { z } from 'zod';
import { defineOperation } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const schemaValidation = defineOperation({
  type: 'schema_validation',
  summary:
    'Sets or replaces the validation schema of a collection; refused where existing documents would fail it, unless level is moderate or action is warn.',
  undo: 'Brings back the validation schema that was there, with its level and action, or none.',
  example: {
    collection: 'users',
    data: { schema: { bsonType: 'object', required: ['email'] }, level: 'strict', action: 'error' },
  },
  risk: 'blocks_writes',
  data: z.strictObject({
    schema: z
      .record(z.string(), z.json())
      .describe(
        'MongoDB: a $jsonSchema; SQL: JSON Schema keywords that become CHECK constraints (required, enum, minimum, maxLength, pattern, ...)',
      ),
    level: z
      .enum(['off', 'strict', 'moderate'])
      .default('strict')
      .describe('moderate leaves updates of documents alone that fail already'),
    action: z.enum(['error', 'warn']).default('error').describe('refuse, or only log'),
  }),
});
