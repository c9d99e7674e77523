import { operationRule } from '../../operations/rule.ts';

/** Changes a type or a key column, for which the table is made anew. */
export const copyingTable = operationRule({
  code: 'CA005',
  name: 'copying-table',
  store: 'cassandra',
  level: 'warning',
  doc: {
    what: 'Changes a type or a key column, for which the table is made anew.',
    why: 'Cassandra cannot change it in place: every row is read and written, and the table is there twice meanwhile.',
    lock: 'Nothing is locked; the copy competes with the application.',
    safe: 'Add a second column, let the application write both, fill it (migrate_data), and remove the old one.',
  },
  examples: {
    unsafe: [[{ type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int64' } }]],
    safe: [
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int64' } },
      ],
      [{ type: 'add_field', collection: 'users', data: { field_name: 'a', type: 'text' } }],
    ],
  },
  *check(operation, context) {
    if (operation.type === 'change_type' && !context.isNew(operation.collection))
      yield { message: `${operation.collection} is made anew and copied to change the type of ${operation.data.field_name}.` };
  },
});
