import { operationRule } from '../../operations/rule.ts';

/** Takes a collection or table out of use. */
export const dropCollectionBreaksReaders = operationRule({
  code: 'OP004',
  name: 'drop-collection-breaks-readers',
  store: 'any',
  level: 'warning',
  doc: {
    what: 'Takes a collection or table out of use.',
    why: 'The running application fails, or makes it anew. polyshift keeps it aside until finalize.',
    lock: 'As the plan of the store says.',
    safe: 'Deploy an application that does not use it first.',
  },
  examples: {
    unsafe: [[{ type: 'drop_collection', collection: 'users', data: {} }]],
    safe: [
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'drop_collection', collection: 'users', data: {} },
      ],
      [{ type: 'drop_index', collection: 'users', data: { name: 'i' } }],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'drop_collection' || context.isNew(operation.collection)) return;
    yield { message: `The running application may still use ${operation.collection}.` };
  },
});
