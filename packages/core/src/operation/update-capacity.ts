import { z } from 'zod';
import { throughputSchema } from './add-gsi.ts';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const updateCapacity = defineOperation({
  type: 'update_capacity',
  summary:
    'DynamoDB: changes the billing mode, or the provisioned capacity of a table and its indexes, and waits until it is in force.',
  undo: 'Sets billing mode and capacities back to what they were.',
  example: { collection: 'orders', data: { billing_mode: 'provisioned', capacity: { read: 20, write: 10 } } },
  risk: 'none',
  data: z
    .strictObject({
      billing_mode: z.enum(['pay_per_request', 'provisioned']).optional().describe('left as it is where missing'),
      capacity: throughputSchema.optional().describe('of the table; needed to go to provisioned'),
      indexes: z.record(nameSchema, throughputSchema).optional().describe('of its global secondary indexes, by name'),
    })
    .refine((data) => Object.values(data).some((value) => value !== undefined), 'changes nothing')
    .refine(
      (data) => data.billing_mode !== 'pay_per_request' || (!data.capacity && !data.indexes),
      'pay_per_request takes no capacity',
    ),
});
