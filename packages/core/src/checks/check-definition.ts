import { z } from 'zod';
import { conditionsSchema } from '../operation/condition.ts';
import { nameSchema } from '../operation/operation.ts';

const number = z.number();

/** What a count or a query must give. Several comparisons must all hold. */
export const expectationSchema = z
  .strictObject({
    eq: z.json().optional().describe('equal; numbers by value'),
    ne: z.json().optional().describe('not equal'),
    gt: number.optional().describe('greater than'),
    gte: number.optional().describe('greater than or equal'),
    lt: number.optional().describe('less than'),
    lte: number.optional().describe('less than or equal'),
  })
  .refine((expectation) => Object.keys(expectation).length > 0, 'expects nothing');

/** See {@link expectationSchema}. */
export type Expectation = z.output<typeof expectationSchema>;

const common = {
  name: z.string().min(1).optional().describe('shown in reports; made from the parts where missing'),
  on_failure: z.enum(['fail', 'warn']).default('fail').describe('stop and take everything back, or only say so'),
  action: z.string().min(1).optional().describe('what to do about it, shown where it fails'),
};
const fields = z.array(nameSchema).min(1).describe('the fields');
const collection = nameSchema.describe('the table or collection');
const expect = expectationSchema.describe('comparisons that must all hold: eq, ne, gt, gte, lt, lte');

/** A check as data: it stands in a migration or a spec, and reads only. */
export const checkDefinitionSchema = z.discriminatedUnion('check', [
  z.strictObject({
    check: z.literal('null_values').describe('no row lacks one of the fields or has null in it'),
    collection,
    fields,
    conditions: conditionsSchema.optional(),
    ...common,
  }),
  z.strictObject({
    check: z.literal('duplicates').describe('no two rows are equal in the fields; rows with null in one of them are left out'),
    collection,
    fields,
    conditions: conditionsSchema.optional(),
    ...common,
  }),
  z.strictObject({
    check: z
      .literal('orphans')
      .describe('every row finds a row of the other collection by the fields; rows with null in one of them are left out'),
    collection,
    fields,
    references: z.strictObject({ collection, fields }).describe('the other collection, and its fields in the same order'),
    conditions: conditionsSchema.optional(),
    ...common,
  }),
  z.strictObject({
    check: z.literal('row_count').describe('the number of rows that meet the conditions'),
    collection,
    conditions: conditionsSchema.optional(),
    expect,
    ...common,
  }),
  z.strictObject({
    check: z
      .literal('column_sum')
      .describe('the exact sum of a field; nulls are left out. It comes as digits: compare by numbers or texts of digits'),
    collection,
    field: nameSchema.describe('the field to sum up'),
    conditions: conditionsSchema.optional(),
    expect,
    ...common,
  }),
  z.strictObject({
    check: z
      .literal('distinct_count')
      .describe('how many different values the fields have together; rows with null in one of them are left out'),
    collection,
    fields,
    conditions: conditionsSchema.optional(),
    expect,
    ...common,
  }),
  z.strictObject({
    check: z.literal('query').describe('the first value that a query in the language of the store gives'),
    query: z
      .string()
      .min(1)
      .describe(
        'SQL, CQL or PartiQL; on MongoDB {"aggregate": ..., "pipeline": [...]} and on Elasticsearch {"search": ..., "body": {...}} as JSON text; on Redis a command. It must only read',
      ),
    expect,
    ...common,
  }),
]);

/** A check as data, defaults filled in. */
export type CheckDefinition = z.output<typeof checkDefinitionSchema>;

/** A check as users write it. */
export type CheckDefinitionInput = z.input<typeof checkDefinitionSchema>;
