import { operationRule } from '../../operations/rule.ts';

/** Makes documents expire by themselves, without a check of how many before the migration. */
export const expiringDocuments = operationRule({
  code: 'MG004',
  name: 'expiring-documents',
  store: 'mongodb',
  level: 'error',
  doc: {
    what: 'Makes documents expire by themselves, without a check of how many before the migration.',
    why: 'A minute after the index is built all documents whose time has passed are deleted, and no undo brings them back.',
    lock: 'Deletes in the background, which compete with the application.',
    safe: 'Count first how many would go (checks.before of kind row_count); begin with a long time and shorten it step by step (alter_index).',
  },
  examples: {
    unsafe: [
      [{ type: 'create_index', collection: 'users', data: { name: 'ttl', keys: { seen: 1 }, expire_after_seconds: 3600 } }],
    ],
    safe: [
      [{ type: 'create_index', collection: 'users', data: { name: 'seen', keys: { seen: 1 } } }],
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'create_index', collection: 'users', data: { name: 'ttl', keys: { seen: 1 }, expire_after_seconds: 3600 } },
      ],
    ],
  },
  *check(operation, context) {
    if (context.checks.some((each) => each.check === 'row_count' && each.collection === operation.collection)) return;
    if (
      operation.type === 'create_index' &&
      operation.data.expire_after_seconds !== undefined &&
      !context.isNew(operation.collection)
    ) {
      yield {
        path: ['data', 'expire_after_seconds'],
        message: `Documents of ${operation.collection} older than ${operation.data.expire_after_seconds} seconds are deleted for good.`,
      };
    }
    if (operation.type === 'alter_options' && operation.data.options['expireAfterSeconds'] !== undefined) {
      yield { message: `Documents of ${operation.collection} begin to expire, or sooner, and are deleted for good.` };
    }
  },
});
