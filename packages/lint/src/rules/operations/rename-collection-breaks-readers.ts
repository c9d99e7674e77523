import { operationRule } from '../../operations/rule.ts';

/** Renames a collection or table that is in use. */
export const renameCollectionBreaksReaders = operationRule({
  code: 'OP002',
  name: 'rename-collection-breaks-readers',
  store: 'any',
  level: 'warning',
  doc: {
    what: 'Renames a collection or table that is in use.',
    why: 'The running application fails, or makes a new collection under the old name.',
    lock: 'As the plan of the store says.',
    safe: 'Deploy an application that knows both names first; on SQL stores create a view of the old name in the same migration (run_sql).',
  },
  examples: {
    unsafe: [[{ type: 'rename_collection', collection: 'users', data: { new_name: 'people' } }]],
    safe: [
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'rename_collection', collection: 'users', data: { new_name: 'people' } },
      ],
      [{ type: 'drop_index', collection: 'users', data: { name: 'i' } }],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'rename_collection' || context.isNew(operation.collection)) return;
    yield { message: `The running application still says ${operation.collection}, which becomes ${operation.data.new_name}.` };
  },
});
