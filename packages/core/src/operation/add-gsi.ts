import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** Throughput of a table or index, in the units of DynamoDB: one strongly consistent read of 4 KiB, one write of 1 KiB, per second. */
export const throughputSchema = z.strictObject({
  read: z.int().min(1).describe('read capacity units'),
  write: z.int().min(1).describe('write capacity units'),
});

/** See the summary; `data` is documented field by field in its schema. */
export const addGsi = defineOperation({
  type: 'add_gsi',
  summary: 'DynamoDB: adds a global secondary index and waits until it is filled.',
  undo: 'Drops the index, unless an identical one was there before.',
  example: {
    collection: 'orders',
    data: {
      name: 'by_customer',
      partition_key: { field: 'customer', type: 'text' },
      sort_key: { field: 'placed_at', type: 'text' },
    },
  },
  risk: 'none',
  data: z.strictObject({
    name: nameSchema.describe('the name of the index'),
    partition_key: z.strictObject({
      field: nameSchema,
      type: z.enum(['text', 'decimal', 'bytes']).default('text').describe('S, N or B in the store'),
    }),
    sort_key: z
      .strictObject({ field: nameSchema, type: z.enum(['text', 'decimal', 'bytes']).default('text') })
      .optional()
      .describe('orders the items of one partition key'),
    projection: z
      .union([z.enum(['all', 'keys_only']), z.array(nameSchema).min(1)])
      .default('all')
      .describe('which attributes the index holds: all, the keys alone, or the keys and those named'),
    capacity: throughputSchema
      .optional()
      .describe('of the index, where the table has provisioned capacity; that of the table where missing'),
  }),
});
