import { operationRule } from '../../operations/rule.ts';

/** Merges the result of a pipeline into the collection that it reads. */
export const mergingOntoItself = operationRule({
  code: 'MG009',
  name: 'merging-onto-itself',
  store: 'mongodb',
  level: 'error',
  doc: {
    what: 'Merges the result of a pipeline into the collection that it reads.',
    why: 'Documents that it writes may be read again: they may be changed twice, or without end.',
    lock: 'Writes to the whole collection.',
    safe: 'migrate_data, which changes documents in place, exactly once; or merge into another collection.',
  },
  examples: {
    unsafe: [[{ type: 'merge_pipeline', collection: 'users', data: { pipeline: [{ $match: {} }], into: 'users' } }]],
    safe: [[{ type: 'merge_pipeline', collection: 'users', data: { pipeline: [{ $match: {} }], into: 'totals' } }]],
  },
  *check(operation) {
    if (operation.type === 'merge_pipeline' && operation.data.into === operation.collection)
      yield { path: ['data', 'into'], message: `${operation.collection} is read and written at the same time.` };
  },
});
