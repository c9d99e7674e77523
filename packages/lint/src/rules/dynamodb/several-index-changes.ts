import type { Operation } from '@polyshift/core';
import { operationRule } from '../../operations/rule.ts';

/** Adds or drops more than one global secondary index in one migration. */
export const severalIndexChanges = operationRule({
  code: 'DY001',
  name: 'several-index-changes',
  store: 'dynamodb',
  level: 'warning',
  doc: {
    what: 'Adds or drops more than one global secondary index in one migration.',
    why: 'A table takes one change of an index at a time: each waits until the one before is filled, which takes hours on large tables.',
    lock: 'Nothing is locked; filling an index uses write capacity of its own.',
    safe: 'One index a migration, so that each can be watched and taken back; or all of them when the table is created.',
  },
  examples: {
    unsafe: [
      [
        { type: 'add_gsi', collection: 'orders', data: { name: 'a', partition_key: { field: 'a' } } },
        { type: 'add_gsi', collection: 'orders', data: { name: 'b', partition_key: { field: 'b' } } },
      ],
    ],
    safe: [[{ type: 'add_gsi', collection: 'orders', data: { name: 'a', partition_key: { field: 'a' } } }]],
  },
  *check(operation, context) {
    const changes = (each: Operation) =>
      (each.type === 'add_gsi' || each.type === 'drop_index') && each.collection === operation.collection;
    const before = context.operations.slice(0, context.operations.indexOf(operation)).some(changes);
    if (changes(operation) && before && !context.isNew(operation.collection))
      yield { message: `${operation.collection} changes one index at a time: this waits until the one before is filled.` };
  },
});
