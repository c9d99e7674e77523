import { operationRule } from '../../operations/rule.ts';

/** Renames a collection or drops it. */
export const renamingAllKeys = operationRule({
  code: 'RD004',
  name: 'renaming-all-keys',
  store: 'redis',
  level: 'warning',
  doc: {
    what: 'Renames a collection or drops it.',
    why: 'Every key carries the name: each is renamed on its own, and readers see some under the old name and some under the new one meanwhile.',
    lock: 'Nothing is locked for long; a large value is moved at once.',
    safe: 'Deploy an application that looks under both names first.',
  },
  examples: {
    unsafe: [[{ type: 'rename_collection', collection: 'users', data: { new_name: 'people' } }]],
    safe: [[{ type: 'add_field', collection: 'users', data: { field_name: 'a' } }]],
  },
  *check(operation, context) {
    if (operation.type === 'rename_collection' && !context.isNew(operation.collection))
      yield { message: `Every key of ${operation.collection} is renamed on its own.` };
  },
});
