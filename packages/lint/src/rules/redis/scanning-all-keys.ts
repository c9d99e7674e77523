import { operationRule } from '../../operations/rule.ts';
import { touchesRows } from '../../operations/touches-rows.ts';

/** Changes rows of a collection without an index to find them by. */
export const scanningAllKeys = operationRule({
  code: 'RD001',
  name: 'scanning-all-keys',
  store: 'redis',
  level: 'warning',
  doc: {
    what: 'Changes rows of a collection without an index to find them by.',
    why: 'All keys of the database are gone through by SCAN, those of other collections included, and each row is read and written.',
    lock: 'Nothing is locked for long; each batch is a script that blocks the server while it runs.',
    safe: 'A small batch_size, pause_ms in the configuration, and a quiet hour.',
  },
  examples: {
    unsafe: [
      [{ type: 'migrate_data', collection: 'users', data: { pipeline: [{ $set: { a: 1 } }] } }],
      [{ type: 'rename_field', collection: 'users', data: { old_name: 'a', new_name: 'b' } }],
    ],
    safe: [[{ type: 'add_field', collection: 'users', data: { field_name: 'a' } }]],
  },
  *check(operation) {
    if (touchesRows(operation)) yield { message: `All keys of the database are gone through for ${operation.collection}.` };
  },
});
