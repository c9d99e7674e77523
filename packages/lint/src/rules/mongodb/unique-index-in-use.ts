import { operationRule } from '../../operations/rule.ts';

/** Builds a unique index over a collection that is in use, without a check for duplicates before the migration. */
export const uniqueIndexInUse = operationRule({
  code: 'MG001',
  name: 'unique-index-in-use',
  store: 'mongodb',
  level: 'warning',
  doc: {
    what: 'Builds a unique index over a collection that is in use, without a check for duplicates before the migration.',
    why: 'While it is built the old application may write duplicates: the build then fails at its end, after the time of a whole scan; and afterwards its inserts fail with E11000.',
    lock: 'An intent lock; an exclusive one for a moment at the beginning and the end. The build competes with queries for the cache.',
    safe: 'Check for duplicates (checks.before), deploy an application that handles E11000, then build it; for documents without the field use sparse or where.',
  },
  examples: {
    unsafe: [[{ type: 'create_index', collection: 'users', data: { name: 'e', keys: { email: 1 }, unique: true } }]],
    safe: [
      [{ type: 'create_index', collection: 'users', data: { name: 'e', keys: { email: 1 } } }],
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'create_index', collection: 'users', data: { name: 'e', keys: { email: 1 }, unique: true } },
      ],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'create_index' || !operation.data.unique || context.isNew(operation.collection)) return;
    const checked = context.checks.some((each) => each.check === 'duplicates' && each.collection === operation.collection);
    if (checked) return;
    yield {
      path: ['data', 'unique'],
      message: `Unique index ${operation.data.name} on ${operation.collection} fails on duplicates that are written while it is built.`,
    };
  },
});
