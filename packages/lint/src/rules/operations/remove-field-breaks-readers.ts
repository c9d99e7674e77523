import { operationRule } from '../../operations/rule.ts';

/** Removes a field of a collection that is in use. */
export const removeFieldBreaksReaders = operationRule({
  code: 'OP003',
  name: 'remove-field-breaks-readers',
  store: 'any',
  level: 'warning',
  doc: {
    what: 'Removes a field of a collection that is in use.',
    why: 'The running application may read or write it. polyshift keeps the values aside until finalize.',
    lock: 'As the plan of the store says.',
    safe: 'Deploy an application that does not use it first; or set `online: true` on the migration: applications of both versions then work side by side, on the stores that carry `online_change`.',
  },
  examples: {
    unsafe: [[{ type: 'remove_field', collection: 'users', data: { field_name: 'legacy' } }]],
    safe: [
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'remove_field', collection: 'users', data: { field_name: 'legacy' } },
      ],
      [{ type: 'drop_index', collection: 'users', data: { name: 'i' } }],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'remove_field' || context.isNew(operation.collection)) return;
    yield { message: `The running application may still use ${operation.collection}.${operation.data.field_name}.` };
  },
});
