import { z } from 'zod';

/** What may stand in the configuration, in the file of `throttle_file` and in the journal. */
export const throttleSchema = z.strictObject({
  paused: z.boolean().optional().describe('true holds batch work entirely, until somebody lets it go on'),
  pause_ms: z.int().min(0).max(86_400_000).optional().describe('milliseconds to pause after each batch; default 0'),
  max_replica_lag_ms: z
    .int()
    .min(0)
    .nullable()
    .optional()
    .describe(
      'wait while the slowest replica is behind by more milliseconds than this; null: no limit, whatever stands elsewhere',
    ),
  max_load: z
    .number()
    .min(0)
    .nullable()
    .optional()
    .describe('wait while the server runs more statements of others than this; null: no limit, whatever stands elsewhere'),
  query: z
    .string()
    .min(1)
    .nullable()
    .optional()
    .describe(
      'wait while the first value that this query gives is true, a number other than 0, or not empty; null: no query, whatever stands elsewhere',
    ),
});

/** Limits of batch work, each optional. See the schema for each. */
export type ThrottleSettings = z.output<typeof throttleSchema>;

/** The name of a limit. */
export type ThrottleName = keyof ThrottleSettings;

/** All limits. */
export const throttleNames = Object.keys(throttleSchema.shape) as readonly ThrottleName[];

/** Where limits can stand, the one that wins first. */
export const throttleSources = ['journal', 'file', 'environment', 'configuration'] as const;

/** See {@link throttleSources}. */
export type ThrottleSource = (typeof throttleSources)[number];
