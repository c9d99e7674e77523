import { operationRule } from '../../operations/rule.ts';

/** Changes the type of a field of a collection that is in use. */
export const changeTypeBreaksReaders = operationRule({
  code: 'OP005',
  name: 'change-type-breaks-readers',
  store: 'any',
  level: 'warning',
  doc: {
    what: 'Changes the type of a field of a collection that is in use.',
    why: 'The running application reads values of a type that it does not know, and writes the old one.',
    lock: 'As the plan of the store says; every value is converted.',
    safe: 'Deploy an application that reads and writes both types first; or add a second field, fill it (migrate_data), switch the application, remove the old one; or set `online: true` on the migration: applications of both versions then work side by side, on the stores that carry `online_change`.',
  },
  examples: {
    unsafe: [[{ type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int64' } }]],
    safe: [
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int64' } },
      ],
      [{ type: 'drop_index', collection: 'users', data: { name: 'i' } }],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'change_type' || context.isNew(operation.collection)) return;
    yield {
      message: `The running application still reads and writes ${operation.collection}.${operation.data.field_name} in its old type.`,
    };
  },
});
