import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

const fields = z.array(nameSchema).min(1);
const action = z.enum(['no_action', 'restrict', 'cascade', 'set_null', 'set_default']);

/** The constraints that add_constraint knows. */
export const constraintSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('primary_key'), fields }),
  z.strictObject({ kind: z.literal('unique'), fields, nulls_distinct: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal('not_null'), field: nameSchema }),
  z.strictObject({ kind: z.literal('check'), expression: z.string().min(1).describe('an SQL condition over the row') }),
  z.strictObject({
    kind: z.literal('foreign_key'),
    fields,
    references: z.strictObject({ collection: nameSchema, fields }),
    on_delete: action.default('no_action'),
    on_update: action.default('no_action'),
    deferrable: z.boolean().default(false),
  }),
]);

/** One constraint. */
export type Constraint = z.output<typeof constraintSchema>;

/** See the summary; `data` is documented field by field in its schema. */
export const addConstraint = defineOperation({
  type: 'add_constraint',
  summary: 'Adds a primary key, unique, not-null, check or foreign key constraint; refused where rows break it, which are named.',
  undo: 'Drops the constraint.',
  example: {
    collection: 'orders',
    data: {
      name: 'orders_user',
      constraint: { kind: 'foreign_key', fields: ['user_id'], references: { collection: 'users', fields: ['id'] } },
    },
  },
  risk: 'blocks_writes',
  data: z.strictObject({ name: nameSchema.describe('the name of the constraint'), constraint: constraintSchema }),
});
