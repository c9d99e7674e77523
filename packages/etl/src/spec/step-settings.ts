import { z } from 'zod';

/** Rows in a read where the spec does not say. */
const defaultReadSize = 1000;

const sizeSchema = z.int().min(1).max(100_000);

/** Rows in one read. */
export const readSizeSchema = sizeSchema.default(defaultReadSize);

/** Rows in one write; found by feedback where missing. */
export const writeSizeSchema = sizeSchema.optional();

/** Parameters that an adapter reads. */
export const parametersSchema = z.record(z.string(), z.json()).optional();
