import { hostname } from 'node:os';
import { errorEntries, maskSecrets, PolyshiftError } from '@polyshift/core';
import type { LoadReference } from '@polyshift/etl';
import { z } from 'zod';

/** What a job carries: names and numbers. Workers have the rest from their own files, and from the target. */
const jobSchema = z.strictObject({
  /** The file of the spec, relative to the folder of the configuration. */
  spec_file: z.string().min(1),
  spec_name: z.string().min(1),
  spec_checksum: z.string(),
  run_id: z.string().min(1),
  token: z.int(),
  rows_total: z.number().nullable(),
  chunk: z.int().min(0),
  /** The limit of the fleet; null where there is none. */
  rows_per_second: z.number().positive().nullable(),
});

/** See the schema. */
export type ChunkJob = z.output<typeof jobSchema>;

/** A job that came from Redis. Throws INVALID_DOCUMENT. */
export function readJob(data: unknown): ChunkJob {
  const read = jobSchema.safeParse(data);
  if (read.success) return read.data;
  throw new PolyshiftError('INVALID_DOCUMENT', 'the queue holds a job that is none of this version of polyshift', {
    hint: 'Run the same version everywhere, or give each its own `queue` under `engine` of the configuration.',
  });
}

/** The id of the job of a chunk: another attempt of the run has other ones. */
export function jobId({ run_id, token }: Pick<LoadReference, 'run_id' | 'token'>, chunk: number): string {
  return `${run_id}-${token}-${chunk}`;
}

/** An error as text that goes through Redis, with the machine that it happened on. */
export function errorText(error: unknown): string {
  const { code = 'INTERNAL', message, hint = '', retryable = false } = error as Partial<PolyshiftError> & { message: string };
  return maskSecrets(JSON.stringify({ code, message, hint: `On the worker ${hostname()}. ${hint}`.trim(), retryable }));
}

/** The error of a job, from its text. */
export function errorOf(text: string): PolyshiftError {
  try {
    const { code, message, hint, retryable } = JSON.parse(text) as PolyshiftError;
    if (Object.hasOwn(errorEntries, code))
      return new PolyshiftError(code, message, { ...(hint === undefined ? {} : { hint }), retryable });
  } catch {
    // One of the queue itself.
  }
  return new PolyshiftError('INTERNAL', `a worker failed: ${text}`);
}
