import { nameSchema } from '@polyshift/core';
import { z } from 'zod';
import { rulesSchema, shapingFields } from './shaping.ts';

/** Checks the step that makes rows. */
export const transformStepSchema = z.strictObject({
  type: z.literal('transform').describe('makes target fields from source fields'),
  transformation_rules: rulesSchema.describe('target field to rule'),
  unwind: z
    .strictObject({
      field: nameSchema.describe('a field that holds an array; a dotted path into documents'),
      index_field: nameSchema.optional().describe('a field that holds the position in the array, from 0, for the rules'),
    })
    .optional()
    .describe('makes one row of each element, which takes the place of the array; none where it is empty, null or missing'),
  ...shapingFields,
  functions: z.string().min(1).optional().describe('a TypeScript or JavaScript module whose exports are functions for the rules'),
});

/** The step that makes rows. */
export type TransformStep = z.output<typeof transformStepSchema>;
