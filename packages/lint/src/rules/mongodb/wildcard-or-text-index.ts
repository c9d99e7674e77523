import { operationRule } from '../../operations/rule.ts';

/** Builds a text or wildcard index. */
export const wildcardOrTextIndex = operationRule({
  code: 'MG008',
  name: 'wildcard-or-text-index',
  store: 'mongodb',
  level: 'warning',
  doc: {
    what: 'Builds a text or wildcard index.',
    why: 'It holds a key for every word or field: it is large, and each write keeps all of them.',
    lock: 'An exclusive lock for a moment; the build reads the whole collection.',
    safe: 'Name the fields that queries use; for search a search engine.',
  },
  examples: {
    unsafe: [
      [{ type: 'create_index', collection: 'users', data: { name: 't', keys: { bio: 'text' } } }],
      [{ type: 'create_index', collection: 'users', data: { name: 'w', keys: { '$**': 1 } } }],
    ],
    safe: [[{ type: 'create_index', collection: 'users', data: { name: 'i', keys: { a: 1 } } }]],
  },
  *check(operation) {
    if (operation.type !== 'create_index') return;
    const large = Object.entries(operation.data.keys).some(([name, kind]) => kind === 'text' || name.includes('$**'));
    if (large) yield { message: `Index ${operation.data.name} of ${operation.collection} holds a key for every word or field.` };
  },
});
