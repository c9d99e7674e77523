import { operationRule } from '../../operations/rule.ts';

/** Gives an index less write capacity than its table. */
export const indexCapacity = operationRule({
  code: 'DY005',
  name: 'index-capacity',
  store: 'dynamodb',
  level: 'warning',
  doc: {
    what: 'Gives an index less write capacity than its table.',
    why: 'Where the index cannot keep up, writes to the table are throttled.',
    lock: 'Nothing is locked; writes to the table are throttled.',
    safe: 'At least the write capacity of the table, or pay_per_request.',
  },
  examples: {
    unsafe: [
      [
        {
          type: 'update_capacity',
          collection: 'orders',
          data: { capacity: { read: 5, write: 50 }, indexes: { a: { read: 5, write: 10 } } },
        },
      ],
    ],
    safe: [
      [
        {
          type: 'update_capacity',
          collection: 'orders',
          data: { capacity: { read: 5, write: 50 }, indexes: { a: { read: 5, write: 50 } } },
        },
      ],
    ],
  },
  *check(operation) {
    if (operation.type !== 'update_capacity') return;
    const { capacity, indexes = {} } = operation.data;
    for (const [name, index] of Object.entries(indexes)) {
      if (capacity && index.write < capacity.write)
        yield {
          path: ['data', 'indexes', name],
          message: `Index ${name} takes ${index.write} writes a second, ${operation.collection} ${capacity.write}.`,
        };
    }
  },
});
