import { nameSchema } from '@polyshift/core';
import { z } from 'zod';
import { ruleSchema } from './rule.ts';

/** Nested documents as fields of their own. */
export const flattenSchema = z
  .strictObject({
    separator: z.string().min(1).default('_').describe('what stands between the names of the outer and the inner field'),
    max_depth: z.int().min(1).default(32).describe('levels that are taken apart, at most; deeper documents stay as they are'),
  })
  .describe('takes nested documents apart into fields like `address_city`; arrays stay arrays');

/** See {@link flattenSchema}. */
export type Flatten = z.output<typeof flattenSchema>;

/** How fields are made: the keys that a transform step and a child of a load step share. */
export const shapingFields = {
  include_rest: z
    .boolean()
    .optional()
    .describe(
      'keeps the fields that no rule writes or copies under another name; default false where there are rules, true where there are none',
    ),
  drop: z.array(nameSchema).optional().describe('fields to leave out of the rest'),
  flatten: flattenSchema.optional().describe('takes nested documents apart before the rules see them'),
};

/** Target field to rule. */
export const rulesSchema = z.record(nameSchema, ruleSchema).default({});
