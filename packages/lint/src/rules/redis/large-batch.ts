import { operationRule } from '../../operations/rule.ts';
import { touchesRows } from '../../operations/touches-rows.ts';

/** Changes rows in batches of more than 1000. */
export const largeBatch = operationRule({
  code: 'RD002',
  name: 'large-batch',
  store: 'redis',
  level: 'warning',
  doc: {
    what: 'Changes rows in batches of more than 1000.',
    why: 'A batch is one script: nobody else is served while it runs.',
    lock: 'The whole server for as long as a batch takes.',
    safe: 'batch_size of 1000 or less.',
  },
  examples: {
    unsafe: [[{ type: 'migrate_data', collection: 'users', data: { pipeline: [{ $set: { a: 1 } }] }, batch_size: 50000 }]],
    safe: [[{ type: 'migrate_data', collection: 'users', data: { pipeline: [{ $set: { a: 1 } }] } }]],
  },
  *check(operation) {
    if (touchesRows(operation) && operation.batch_size > 1000)
      yield {
        path: ['batch_size'],
        message: `A batch of ${operation.batch_size} rows of ${operation.collection} keeps everybody else waiting.`,
      };
  },
});
