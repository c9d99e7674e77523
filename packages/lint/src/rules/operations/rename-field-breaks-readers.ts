import { operationRule } from '../../operations/rule.ts';

/** Renames a field of a collection that is in use. */
export const renameFieldBreaksReaders = operationRule({
  code: 'OP001',
  name: 'rename-field-breaks-readers',
  store: 'any',
  level: 'warning',
  doc: {
    what: 'Renames a field of a collection that is in use.',
    why: 'The running application reads and writes the old name: it finds nothing, and what it writes stays under the old name.',
    lock: 'As the plan of the store says.',
    safe: 'Deploy an application that reads both names first; or add the new field, copy the values (migrate_data), switch the application, remove the old one; or set `online: true` on the migration: applications of both versions then work side by side, on the stores that carry `online_change`.',
  },
  examples: {
    unsafe: [[{ type: 'rename_field', collection: 'users', data: { old_name: 'mail', new_name: 'email' } }]],
    safe: [
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'rename_field', collection: 'users', data: { old_name: 'mail', new_name: 'email' } },
      ],
      [{ type: 'drop_index', collection: 'users', data: { name: 'i' } }],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'rename_field' || context.isNew(operation.collection)) return;
    const { old_name, new_name } = operation.data;
    yield { message: `The running application still says ${operation.collection}.${old_name}, which becomes ${new_name}.` };
  },
});
