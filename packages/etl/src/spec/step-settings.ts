import { z } from 'zod';

/** Rows in a batch of extract or load where the spec does not say. */
const defaultEtlBatchSize = 1000;

/** Rows in a batch; every step has its own. */
export const batchSizeSchema = z.int().min(1).max(100_000).default(defaultEtlBatchSize);

/** Parameters that an adapter reads. */
export const parametersSchema = z.record(z.string(), z.json()).optional();
