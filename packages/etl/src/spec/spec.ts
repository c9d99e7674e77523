import { nameSchema } from '@polyshift/core';
import { z } from 'zod';
import { extractStepSchema } from './extract-step.ts';
import { loadStepSchema } from './load-step.ts';
import { specChecksSchema } from './spec-checks.ts';
import { transformStepSchema } from './transform-step.ts';

/** Writes in flight at once where the spec does not say. */
const defaultConcurrency = 4;

const storeReference = z.union([
  z.strictObject({
    type: nameSchema.describe('the type of store: postgresql, mongodb, ...'),
    url: z.string().min(1).describe('its URL; ${ENV} and ${ENV:-default} are expanded'),
    options: z.record(z.string(), z.json()).optional().describe('options of the connection'),
  }),
  z.strictObject({ store: nameSchema.describe('a name under `stores` in the configuration') }),
]);

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
      .array(z.discriminatedUnion('type', [extractStepSchema, transformStepSchema, loadStepSchema]))
      .superRefine((steps, context) => {
        const order = steps.map((step) => step.type).join(', ');
        if (!/^(extract(, (transform, )?load)+(, |$))+$/.test(order) || order.endsWith(', ')) {
          context.addIssue({
            code: 'custom',
            message: `expected extract, then one load or several, each with a transform before it or none, got ${order || 'none'}`,
          });
        }
      })
      .describe(
        'extract, then one load or several, each with a transform before it or none; further extract steps with loads of their own may follow',
      ),
    checks: specChecksSchema.optional().describe('what must hold before and after; may be changed while a run is under way'),
    on_loss: z
      .enum(['nearest', 'error'])
      .default('nearest')
      .describe('a value that the target cannot hold exactly: writes the nearest and counts it, or rejects the row'),
    max_rejected: z
      .union([z.int().min(0), percent])
      .default(0)
      .describe(
        'how many rows may be rejected before the run stops; a number, or a share of the rows read; rejected rows are always kept as dead letters',
      ),
    dead_letters: z
      .union([
        z.strictObject({ file: z.string().min(1).describe('a file, one line of JSON for each row') }),
        z.strictObject({ table: nameSchema.describe('a table or collection of the target; created where it is missing') }),
      ])
      .optional()
      .describe(
        'where rejected rows are kept: {file: PATH} or {table: NAME}; NAME.rejected.ndjson beside the spec where missing',
      ),
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

/** Checks the form of a spec at compile time; a TypeScript file's default export. */
export function defineSpec(spec: SpecInput): SpecInput {
  return spec;
}
