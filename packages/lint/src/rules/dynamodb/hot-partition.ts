import { looksFew } from '../../operations/cardinality.ts';
import { operationRule } from '../../operations/rule.ts';

/** Adds a global secondary index whose partition key looks as if it had few values. */
export const hotPartition = operationRule({
  code: 'DY004',
  name: 'hot-partition',
  store: 'dynamodb',
  level: 'warning',
  doc: {
    what: 'Adds a global secondary index whose partition key looks as if it had few values.',
    why: 'All items of one value go to one partition, which takes 1000 writes a second: writes to the table are throttled with it.',
    lock: 'Nothing is locked; writes to the table are throttled.',
    safe: 'A key with many values, or the value with a random suffix of some digits, read in parallel.',
  },
  examples: {
    unsafe: [[{ type: 'add_gsi', collection: 'orders', data: { name: 's', partition_key: { field: 'status' } } }]],
    safe: [[{ type: 'add_gsi', collection: 'orders', data: { name: 'c', partition_key: { field: 'customer_id' } } }]],
  },
  *check(operation) {
    if (operation.type !== 'add_gsi') return;
    const { field } = operation.data.partition_key;
    if (looksFew(field))
      yield {
        path: ['data', 'partition_key'],
        message: `${field} has few values by its name: its items crowd into few partitions of ${operation.data.name}.`,
      };
  },
});
