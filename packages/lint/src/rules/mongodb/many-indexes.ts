import { operationRule } from '../../operations/rule.ts';

/** Gives a collection more than ten indexes. */
export const manyIndexes = operationRule({
  code: 'MG007',
  name: 'many-indexes',
  store: 'mongodb',
  level: 'warning',
  doc: {
    what: 'Gives a collection more than ten indexes.',
    why: 'Each write keeps them all, and they crowd each other out of the cache; 64 is the limit.',
    lock: 'Nothing now; each write takes longer.',
    safe: 'Drop those that $indexStats shows unused; an index over a, b serves queries on a too.',
  },
  examples: {
    unsafe: [
      [
        { type: 'create_index', collection: 'users', data: { name: 'i0', keys: { f0: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i1', keys: { f1: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i2', keys: { f2: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i3', keys: { f3: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i4', keys: { f4: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i5', keys: { f5: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i6', keys: { f6: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i7', keys: { f7: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i8', keys: { f8: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i9', keys: { f9: 1 } } },
        { type: 'create_index', collection: 'users', data: { name: 'i10', keys: { f10: 1 } } },
      ],
    ],
    safe: [[{ type: 'create_index', collection: 'users', data: { name: 'i', keys: { a: 1 } } }]],
  },
  *check(operation, context) {
    if (operation.type !== 'create_index') return;
    const names = new Set<string>();
    const done = context.operations.slice(0, context.operations.indexOf(operation) + 1);
    for (const each of [...context.earlier, ...done]) {
      if (each.collection !== operation.collection) continue;
      if (each.type === 'create_index') names.add(each.data.name);
      if (each.type === 'drop_index') names.delete(each.data.name);
    }
    if (names.size > 10) yield { message: `${operation.collection} has ${names.size} indexes by the migrations so far.` };
  },
});
