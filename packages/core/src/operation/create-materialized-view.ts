import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const createMaterializedView = defineOperation({
  type: 'create_materialized_view',
  summary: 'Cassandra: creates a materialized view of a table under another primary key and waits until it is built.',
  undo: 'Drops the view, unless an identical one was there before.',
  example: { collection: 'users', data: { name: 'users_by_email', partition_key: ['email'], clustering_key: { id: 1 } } },
  risk: 'none',
  data: z.strictObject({
    name: nameSchema.describe('the name of the view'),
    partition_key: z.array(nameSchema).min(1).describe('columns of the partition key'),
    clustering_key: z
      .record(nameSchema, z.union([z.literal(1), z.literal(-1)]))
      .default({})
      .describe(
        'clustering columns in order, with their direction; every key column of the table must be in one of the two keys',
      ),
    fields: z.array(nameSchema).min(1).optional().describe('columns that the view holds beside its key; all where missing'),
    options: z.record(z.string(), z.json()).optional().describe('table options of the view'),
  }),
});
