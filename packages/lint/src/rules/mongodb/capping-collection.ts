import { operationRule } from '../../operations/rule.ts';

/** Makes a collection capped. */
export const cappingCollection = operationRule({
  code: 'MG006',
  name: 'capping-collection',
  store: 'mongodb',
  level: 'error',
  doc: {
    what: 'Makes a collection capped.',
    why: 'The oldest documents are removed without a word when it is full, and documents cannot grow or be deleted one by one.',
    lock: 'An exclusive lock on the collection while it is copied, where it exists.',
    safe: 'A TTL index, or a job that deletes in batches.',
  },
  examples: {
    unsafe: [
      [{ type: 'create_collection', collection: 'log', data: { options: { capped: true, size: 100000 } } }],
      [{ type: 'alter_options', collection: 'log', data: { options: { cappedSize: 1000 } } }],
    ],
    safe: [[{ type: 'create_collection', collection: 'log', data: {} }]],
  },
  *check(operation) {
    const options =
      operation.type === 'create_collection' || operation.type === 'alter_options' ? operation.data.options : undefined;
    if (options?.['capped'] === true || options?.['cappedSize'] !== undefined || options?.['cappedMax'] !== undefined)
      yield { message: `${operation.collection} loses its oldest documents when it is full.` };
  },
});
