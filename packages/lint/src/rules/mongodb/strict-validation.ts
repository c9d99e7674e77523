import { operationRule } from '../../operations/rule.ts';

/** Sets a validator that refuses writes, at the level strict. */
export const strictValidation = operationRule({
  code: 'MG002',
  name: 'strict-validation',
  store: 'mongodb',
  level: 'warning',
  doc: {
    what: 'Sets a validator that refuses writes, at the level strict.',
    why: 'Documents that fail it are refused, also an update that touches another field of an old document; writes of the running application fail.',
    lock: 'An exclusive lock on the collection for a moment.',
    safe: 'Begin with action: warn and read the log, or level: moderate, which leaves documents alone that fail already; then make it strict.',
  },
  examples: {
    unsafe: [[{ type: 'schema_validation', collection: 'users', data: { schema: { required: ['email'] } } }]],
    safe: [
      [{ type: 'schema_validation', collection: 'users', data: { schema: { required: ['email'] }, level: 'moderate' } }],
      [{ type: 'schema_validation', collection: 'users', data: { schema: { required: ['email'] }, action: 'warn' } }],
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'schema_validation', collection: 'users', data: { schema: { required: ['email'] } } },
      ],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'schema_validation' || context.isNew(operation.collection)) return;
    const { level, action } = operation.data;
    if (level === 'strict' && action === 'error')
      yield { message: `Writes to ${operation.collection} that fail the schema are refused at once.` };
  },
});
