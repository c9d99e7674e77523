import { type CheckReader, checkDefinitionSchema, conditionsSchema, nameSchema } from '@polyshift/core';
import { z } from 'zod';

/** What a function that checks may ask: the store that it is `on`, and either one by name. */
export interface SpecCheckReader extends CheckReader {
  readonly source: CheckReader;
  readonly target: CheckReader;
}

/** A function that checks: gives true where all is well, else what is wrong. */
export type CheckFunction = (reader: SpecCheckReader) => Promise<true | string>;

const on = z.enum(['source', 'target']).optional();

const onFailure = z.enum(['fail', 'warn']).default('fail').describe('the load does not begin or is not done, or only say so');

const onSide = {
  on_failure: onFailure,
  on: on.describe('the store that is asked; the source before the load, the target after it'),
};

type OnSide<Options> = {
  [Index in keyof Options]: Options[Index] extends z.ZodObject<infer Shape, infer Config>
    ? z.ZodObject<Omit<Shape, keyof typeof onSide> & typeof onSide, Config>
    : never;
};

/** The checks of migrations, each with the store that it asks. */
const oneSided = checkDefinitionSchema.options.map((option) => option.extend(onSide)) as unknown as OnSide<
  typeof checkDefinitionSchema.options
>;

const common = {
  name: z.string().min(1).optional().describe('shown in reports; made from the parts where missing'),
  on_failure: onFailure,
  action: z.string().min(1).optional().describe('what to do about it, shown where it fails'),
};

const custom = z.strictObject({
  check: z.literal('function').describe('a function of a TypeScript spec gives true, else what is wrong as text'),
  run: z.custom<CheckFunction>((value) => typeof value === 'function', {
    error: 'expected a function, which only a spec in TypeScript or JavaScript can hold',
  }),
  ...common,
  ...onSide,
  name: z.string().min(1).describe('shown in reports'),
});

const rows = {
  collection: nameSchema.optional().describe('the first source_table or target_table of the spec where missing'),
  conditions: conditionsSchema
    .optional()
    .describe('which rows; without a collection those of the extract step where missing, on the target all'),
};
const counted = z.strictObject(rows);
const summed = z.strictObject({ ...rows, field: nameSchema.describe('the field to sum up') });
const distinct = z.strictObject({ ...rows, fields: z.array(nameSchema).min(1).describe('the fields, together') });

/** Checks that hold the source against the target; only after a load. */
const twoSided = [
  z.strictObject({
    check: z.literal('same_row_count').describe('source and target have the same number of rows'),
    source: counted.default({}),
    target: counted.default({}),
    ...common,
  }),
  z.strictObject({
    check: z.literal('same_column_sum').describe('a field has the same exact sum on both sides; nulls are left out'),
    source: summed,
    target: summed,
    ...common,
  }),
  z.strictObject({
    check: z
      .literal('same_distinct_count')
      .describe('fields have the same number of different values on both sides; rows with null in one of them are left out'),
    source: distinct,
    target: distinct,
    ...common,
  }),
  z.strictObject({
    check: z
      .literal('same_rows')
      .describe('each row of the source, transformed anew, is in the target as it should be, by hashes: what `etl verify` does'),
    ...common,
  }),
] as const;

const beforeSchema = z.discriminatedUnion('check', [...oneSided, custom]);
const afterSchema = z.discriminatedUnion('check', [...oneSided, ...twoSided, custom]);

/** The schema of the checks of a spec. */
export const specChecksSchema = z.strictObject({
  before: z
    .array(beforeSchema)
    .min(1)
    .optional()
    .describe('what must hold before a load begins; a failed one stops it with nothing written'),
  after: z
    .array(afterSchema)
    .min(1)
    .optional()
    .describe('what must hold when all rows are loaded; with a failed one the load is not done'),
  on_failure: z
    .enum(['keep', 'roll_back'])
    .default('keep')
    .describe('after a failed check: the rows stay, for you to correct them and run again, or the load is taken back at once'),
});

/** The checks of a spec. */
export type SpecChecks = z.output<typeof specChecksSchema>;

/** A check of a spec, before or after the load. */
export type SpecCheck = z.output<typeof afterSchema>;

/** A check that holds the source against the target. */
export type TwoSidedCheck = Extract<SpecCheck, { check: `same_${string}` }>;
