import { operationRule } from '../../operations/rule.ts';
import { touchesRows } from '../../operations/touches-rows.ts';

/** Changes items of a table without conditions on its key. */
export const scanningTable = operationRule({
  code: 'DY006',
  name: 'scanning-table',
  store: 'dynamodb',
  level: 'warning',
  doc: {
    what: 'Changes items of a table without conditions on its key.',
    why: 'The whole table is read, item by item, and the capacity used is taken from the application.',
    lock: 'Nothing is locked; reads and writes of the application may be throttled.',
    safe: 'Raise the capacity before (update_capacity), set pause_ms in the configuration, and run it in a quiet hour.',
  },
  examples: {
    unsafe: [
      [{ type: 'migrate_data', collection: 'orders', data: { pipeline: [{ $set: { a: 1 } }] } }],
      [{ type: 'add_field', collection: 'orders', data: { field_name: 'a', default_value: 1 } }],
    ],
    safe: [
      [
        { type: 'update_capacity', collection: 'orders', data: { capacity: { read: 100, write: 100 } } },
        { type: 'migrate_data', collection: 'orders', data: { pipeline: [{ $set: { a: 1 } }] } },
      ],
      [{ type: 'add_field', collection: 'orders', data: { field_name: 'a' } }],
      [
        { type: 'create_collection', collection: 'orders', data: {} },
        { type: 'migrate_data', collection: 'orders', data: { pipeline: [{ $set: { a: 1 } }] } },
      ],
    ],
  },
  *check(operation, context) {
    if (!touchesRows(operation) || context.isNew(operation.collection)) return;
    const raised = context.operations
      .slice(0, context.operations.indexOf(operation))
      .some((each) => each.type === 'update_capacity' && each.collection === operation.collection);
    if (raised) return;
    yield {
      message: `This reads all of ${operation.collection} and writes what it changes, out of the capacity of the application.`,
    };
  },
});
