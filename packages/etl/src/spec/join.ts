import { type Conditions, conditionsSchema, nameSchema } from '@polyshift/core';
import { z } from 'zod';
import { parametersSchema } from './step-settings.ts';

/** Joined rows for one row, at most, where the join does not say. */
const defaultMaxRows = 10_000;

/** Rows of another table that are read with each row of the extract step, or of the join around this one. */
export interface Join {
  readonly table: string;
  /** Field of the joined table to the field of the row around it. */
  readonly on: Readonly<Record<string, string>>;
  readonly kind: 'one' | 'many';
  readonly as: string;
  readonly fields?: readonly string[] | undefined;
  readonly conditions?: Conditions | undefined;
  readonly key?: readonly string[] | undefined;
  readonly required: boolean;
  readonly embed?: boolean | undefined;
  readonly orphans: 'ignore' | 'reject';
  readonly max_rows: number;
  readonly extraction_params?: z.output<typeof parametersSchema>;
  readonly joins?: readonly Join[] | undefined;
}

/** A {@link Join} as users write it. */
export type JoinInput = Omit<Join, 'conditions' | 'required' | 'orphans' | 'max_rows' | 'joins'> & {
  /** Conditions, in the language of operations. */
  readonly conditions?: unknown;
  readonly required?: boolean | undefined;
  readonly orphans?: 'ignore' | 'reject' | undefined;
  readonly max_rows?: number | undefined;
  readonly joins?: readonly JoinInput[] | undefined;
};

/** Checks a {@link Join}. */
export const joinSchema: z.ZodType<Join, JoinInput> = z.strictObject({
  table: nameSchema.describe('the table or collection to join, in the same store'),
  on: z
    .record(nameSchema, nameSchema)
    .refine((fields) => Object.keys(fields).length > 0, 'expected at least one field')
    .describe('field of the joined table to the field of the row that it must be equal to; null is equal to nothing'),
  kind: z
    .enum(['one', 'many'])
    .describe('one row at most, or an array of documents in the order of the joined table; two rows for `one` reject the row'),
  as: nameSchema.describe('the field that holds the joined rows; the fields of `one` are the columns `as.field`'),
  fields: z.array(nameSchema).min(1).optional().describe('fields of the joined table; all where missing'),
  conditions: conditionsSchema.optional().describe('which rows of the joined table; all where missing'),
  key: z
    .array(nameSchema)
    .min(1)
    .optional()
    .describe('what identifies and orders the joined rows; the primary key where missing'),
  required: z
    .boolean()
    .default(false)
    .describe('a row without a joined row is rejected as ORPHANED; without it `one` is null and `many` an empty array'),
  embed: z
    .boolean()
    .optional()
    .describe(
      'the row of `one` is one document instead of columns; default false, and always so where either side has documents',
    ),
  orphans: z
    .enum(['ignore', 'reject'])
    .default('ignore')
    .describe(
      'joined rows that belong to no row of source_table: left out, or looked for and rejected as ORPHANED (outermost joins)',
    ),
  max_rows: z
    .int()
    .min(1)
    .default(defaultMaxRows)
    .describe('joined rows of one row, at most: a row with more is rejected; default 10,000'),
  extraction_params: parametersSchema.describe('for the adapter of the source'),
  get joins() {
    return z.array(joinSchema).min(1).optional().describe('joins of the joined rows, in the same form');
  },
});
