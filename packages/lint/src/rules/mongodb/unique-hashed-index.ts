import { operationRule } from '../../operations/rule.ts';

/** Asks for a unique index that is hashed, text or 2dsphere. */
export const uniqueHashedIndex = operationRule({
  code: 'MG010',
  name: 'unique-hashed-index',
  store: 'mongodb',
  level: 'error',
  doc: {
    what: 'Asks for a unique index that is hashed, text or 2dsphere.',
    why: 'The server refuses it.',
    lock: 'Nothing: the operation fails.',
    safe: 'An ascending index beside it that is unique.',
  },
  examples: {
    unsafe: [[{ type: 'create_index', collection: 'users', data: { name: 'h', keys: { email: 'hashed' }, unique: true } }]],
    safe: [[{ type: 'create_index', collection: 'users', data: { name: 'h', keys: { email: 'hashed' } } }]],
  },
  *check(operation) {
    if (operation.type !== 'create_index' || !operation.data.unique) return;
    if (Object.values(operation.data.keys).some((kind) => kind === 'hashed'))
      yield { path: ['data', 'keys'], message: `A hashed index cannot be unique.` };
  },
});
