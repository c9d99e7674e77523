import { conditionsSchema, nameSchema } from '@polyshift/core';
import { z } from 'zod';
import { ruleSchema } from './rule.ts';

/** Rows in a batch of extract or load where the spec does not say. */
const defaultEtlBatchSize = 1000;

/** Writes in flight at once where the spec does not say. */
const defaultConcurrency = 4;

const batchSizeSchema = z.int().min(1).max(100_000).default(defaultEtlBatchSize);
const parameters = z.record(z.string(), z.json()).optional();

const storeReference = z.union([
  z.strictObject({
    type: nameSchema.describe('the type of store: postgresql, mongodb, ...'),
    url: z.string().min(1).describe('its URL; ${ENV} and ${ENV:-default} are expanded'),
    options: z.record(z.string(), z.json()).optional().describe('options of the connection'),
  }),
  z.strictObject({ store: nameSchema.describe('a name under `stores` in the configuration') }),
]);

const extractStep = z.strictObject({
  type: z.literal('extract').describe('reads rows'),
  source_table: nameSchema.describe('the table or collection to read'),
  conditions: conditionsSchema.optional().describe('which rows; all where missing'),
  fields: z.array(nameSchema).min(1).optional().describe('fields to read; all that the rules need where missing'),
  key: z.array(nameSchema).min(1).optional().describe('what identifies a row and orders the scan; the primary key where missing'),
  batch_size: batchSizeSchema.describe('rows in one read, at most; default 1000'),
  extraction_params: parameters.describe('for the adapter of the source'),
});

const transformStep = z.strictObject({
  type: z.literal('transform').describe('makes target fields from source fields'),
  transformation_rules: z.record(nameSchema, ruleSchema).default({}).describe('target field to rule'),
  include_rest: z
    .boolean()
    .optional()
    .describe(
      'keeps the source fields that no rule writes or copies under another name; default false where there are rules, true where there are none',
    ),
  drop: z.array(nameSchema).optional().describe('source fields to leave out of the rest'),
  functions: z.string().min(1).optional().describe('a TypeScript or JavaScript module whose exports are functions for the rules'),
});

const loadStep = z.strictObject({
  type: z.literal('load').describe('writes rows'),
  target_table: nameSchema.describe('the table or collection to write; created where it is missing'),
  batch_size: batchSizeSchema.describe('rows in one write, at most; default 1000'),
  mode: z
    .enum(['insert', 'upsert', 'ignore'])
    .default('insert')
    .describe('a row whose key exists already: is rejected, replaces it, or is left out'),
  key: z.array(nameSchema).min(1).optional().describe('target fields that make a row the same; the primary key where missing'),
  load_params: parameters.describe('for the adapter of the target'),
});

const percent = z
  .string()
  .regex(/^\d{1,2}(\.\d+)?%$|^100%$/, 'expected a number of rows, or a percentage like "1%"')
  .describe('a percentage of the rows read');

/** The schema of an ETL spec. */
export const specSchema = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/,
        'expected letters, digits, underscores, dots and hyphens, at most 60, beginning with a letter or digit',
      )
      .describe('names the run in the target store: its lock, its checkpoints, its undo record'),
    description: z.string().optional().describe('for people'),
    source: storeReference.describe('where rows come from'),
    target: storeReference.describe('where they go'),
    steps: z
      .array(z.discriminatedUnion('type', [extractStep, transformStep, loadStep]))
      .superRefine((steps, context) => {
        const order = steps.map((step) => step.type).join(', ');
        if (order !== 'extract, load' && order !== 'extract, transform, load') {
          context.addIssue({
            code: 'custom',
            message: `expected the steps extract, transform (may be left out) and load in this order, got ${order || 'none'}`,
          });
        }
      })
      .describe('extract, transform (may be left out), load'),
    on_loss: z
      .enum(['nearest', 'error'])
      .default('nearest')
      .describe('a value that the target cannot hold exactly: writes the nearest and counts it, or rejects the row'),
    max_rejected: z
      .union([z.int().min(0), percent])
      .default(0)
      .describe('how many rows may be rejected before the run stops; rejected rows are always kept in the dead-letter file'),
    rejected_file: z
      .string()
      .min(1)
      .optional()
      .describe('the dead-letter file; NAME.rejected.ndjson beside the spec where missing'),
    partitions: z.int().min(1).max(64).default(1).describe('parts of the source that are read side by side; default 1'),
    concurrency: z
      .int()
      .min(1)
      .max(32)
      .default(defaultConcurrency)
      .describe('writes in flight at once over all partitions; default 4'),
  })
  .describe('Moves rows from one store to another: extract, transform, load');

/** An ETL spec, defaults filled in. */
export type Spec = z.output<typeof specSchema>;

/** An ETL spec as users write it. */
export type SpecInput = z.input<typeof specSchema>;

/** The step that reads. */
export type ExtractStep = z.output<typeof extractStep>;

/** The step that changes rows. */
export type TransformStep = z.output<typeof transformStep>;

/** The step that writes. */
export type LoadStep = z.output<typeof loadStep>;

/** Checks the form of a spec at compile time; a TypeScript file's default export. */
export function defineSpec(spec: SpecInput): SpecInput {
  return spec;
}
