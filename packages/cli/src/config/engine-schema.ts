import { z } from 'zod';

/** `engine` of the configuration: what runs the chunks of ETL loads. */
export const engineSchema = z
  .union([
    z.enum(['local', 'threads']),
    z.strictObject({
      type: z.literal('threads').describe('worker threads of the process of `etl run`'),
      threads: z
        .int()
        .min(1)
        .max(256)
        .optional()
        .describe('worker threads, each with a chunk at a time; default one fewer than there are cores, at least 1'),
    }),
    z.strictObject({
      type: z.literal('bullmq').describe('a queue of BullMQ in Redis, by the package @polyshift/engine-bullmq'),
      redis: z.string().min(1).describe('the URL of Redis; ${NAME} is expanded from the environment and from .env'),
      queue: z
        .string()
        .regex(/^[\w.-]+$/, 'letters, digits, and _ . -')
        .optional()
        .describe('the name of the queue: processes with the same one make up a fleet; default polyshift'),
      chunks: z
        .int()
        .min(1)
        .max(9999)
        .optional()
        .describe(
          'chunks that a new load is cut into; default four for each worker that is there, at least 32, and never fewer than its partitions',
        ),
      rows_per_second: z
        .number()
        .positive()
        .optional()
        .describe('rows that the whole fleet writes in a second at most; default no limit'),
      stalled_seconds: z
        .number()
        .min(1)
        .max(3600)
        .optional()
        .describe(
          'seconds after which a chunk whose worker is not heard of any more goes to another; all workers take it from here; default 30',
        ),
      attempts: z.int().min(1).max(1000).optional().describe('how often a chunk is tried, with growing pauses; default 10'),
      retry_pause_ms: z
        .int()
        .min(1)
        .optional()
        .describe('the first of the pauses between two tries of a chunk, in milliseconds; default 1000'),
    }),
  ])
  .describe(
    'what runs the chunks of ETL loads: `local`, the process of `etl run` alone (the default); `threads`, worker threads of that process; or a queue that `polyshift worker` takes them from on any number of machines',
  );

/** What `engine` can be. */
type EngineSetting = z.output<typeof engineSchema>;

/** The engine that hands chunks to workers elsewhere. */
export type QueueEngine = Extract<EngineSetting, { type: 'bullmq' }>;

/** The engine that runs chunks in threads of this process. */
export type ThreadsEngine = Extract<EngineSetting, { type: 'threads' }>;
