import { z } from 'zod';
import { typeReference } from '../value/portable-type.ts';
import { defineOperation, nameSchema } from './operation.ts';

/** One column of create_collection. */
export const fieldDefinition = z.strictObject({
  name: nameSchema,
  type: typeReference.describe('portable or native type'),
  nullable: z.boolean().default(true),
  default_value: z.json().optional().describe('a constant default'),
  default_expression: z.string().optional().describe('SQL stores: a default computed by the store, like now()'),
  identity: z.boolean().default(false).describe('SQL stores: numbered by the store'),
});

/** See the summary; `data` is documented field by field in its schema. */
export const createCollection = defineOperation({
  type: 'create_collection',
  summary: 'Creates a collection or table; refused where one of that name exists.',
  undo: 'Drops it; refused while it holds rows that the migration did not put there.',
  example: {
    collection: 'orders',
    data: {
      fields: [
        { name: 'id', type: 'int64', nullable: false },
        { name: 'total', type: 'decimal' },
      ],
      key: ['id'],
    },
  },
  risk: 'none',
  data: z.strictObject({
    fields: z.array(fieldDefinition).default([]).describe('columns; document stores need none'),
    key: z.array(nameSchema).optional().describe('the primary key'),
    options: z
      .record(z.string(), z.json())
      .optional()
      .describe('options of the store, passed on: capped, timeseries, collation; fillfactor, tablespace'),
  }),
});
