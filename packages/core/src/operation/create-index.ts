import { z } from 'zod';
import { conditionsSchema } from './condition.ts';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const createIndex = defineOperation({
  type: 'create_index',
  summary:
    'Creates an index without blocking writes where the store can; a unique one is refused on duplicates, which are named.',
  undo: 'Drops the index, unless an identical one was there before.',
  example: { collection: 'users', data: { name: 'users_email', keys: { email: 1 }, unique: true } },
  risk: 'none',
  data: z.strictObject({
    name: nameSchema.describe('the name of the index'),
    keys: z
      .record(nameSchema, z.union([z.literal(1), z.literal(-1), z.enum(['text', 'hashed', '2dsphere', '2d'])]))
      .refine((keys) => Object.keys(keys).length > 0, 'needs at least one key')
      .describe('field to direction (1, -1) or kind of index, in order'),
    unique: z.boolean().default(false).describe('refuses equal keys'),
    sparse: z.boolean().default(false).describe('leaves out documents without the field (SQL: WHERE field IS NOT NULL)'),
    where: conditionsSchema.optional().describe('a partial index over the rows that meet these conditions'),
    expire_after_seconds: z.int().min(0).optional().describe('MongoDB: removes documents this long after the time in the field'),
    hidden: z.boolean().default(false).describe('MongoDB: kept up to date but not used by queries'),
    method: z.string().optional().describe('PostgreSQL: btree (default), hash, gin, gist, brin, spgist; MySQL: btree, hash'),
    include: z.array(nameSchema).optional().describe('PostgreSQL: further columns stored in the index'),
    options: z
      .record(z.string(), z.json())
      .optional()
      .describe('further options of the store, passed on: collation, weights, fillfactor'),
  }),
});
