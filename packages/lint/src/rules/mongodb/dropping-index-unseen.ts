import { operationRule } from '../../operations/rule.ts';

/** Drops an index that was not hidden before. */
export const droppingIndexUnseen = operationRule({
  code: 'MG005',
  name: 'dropping-index-unseen',
  store: 'mongodb',
  level: 'warning',
  doc: {
    what: 'Drops an index that was not hidden before.',
    why: 'Queries that need it read the whole collection, and building it again takes long.',
    lock: 'An exclusive lock on the collection for a moment.',
    safe: 'Hide it first (alter_index with hidden: true), watch for some days, then drop it.',
  },
  examples: {
    unsafe: [[{ type: 'drop_index', collection: 'users', data: { name: 'e' } }]],
    safe: [[{ type: 'create_index', collection: 'users', data: { name: 'e', keys: { email: 1 } } }]],
  },
  *check(operation, context) {
    if (operation.type !== 'drop_index' || context.isNew(operation.collection)) return;
    const { name } = operation.data;
    const hidden = context.earlier.some(
      (each) =>
        (each.type === 'alter_index' || each.type === 'create_index') &&
        each.collection === operation.collection &&
        each.data.name === name &&
        each.data.hidden === true,
    );
    if (!hidden)
      yield {
        message: `Index ${name} of ${operation.collection} was not hidden first: nobody knows yet whether queries need it.`,
      };
  },
});
