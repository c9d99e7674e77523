import { operationRule } from '../../operations/rule.ts';

/** Unsets or removes values of many rows. */
export const pilingUpTombstones = operationRule({
  code: 'CA004',
  name: 'piling-up-tombstones',
  store: 'cassandra',
  level: 'warning',
  doc: {
    what: 'Unsets or removes values of many rows.',
    why: 'Each becomes a tombstone that stays for gc_grace_seconds: reads over them get slow and fail at 100,000.',
    lock: 'Nothing is locked.',
    safe: 'ALTER TABLE DROP of the column (remove_field without conditions), which writes no tombstones; or set a value instead of none.',
  },
  examples: {
    unsafe: [
      [{ type: 'migrate_data', collection: 'users', data: { pipeline: [{ $unset: 'a' }] } }],
      [{ type: 'remove_field', collection: 'users', data: { field_name: 'a' }, conditions: { b: 1 } }],
    ],
    safe: [
      [{ type: 'remove_field', collection: 'users', data: { field_name: 'a' } }],
      [{ type: 'migrate_data', collection: 'users', data: { pipeline: [{ $set: { a: 1 } }] } }],
    ],
  },
  *check(operation) {
    const unsets = operation.type === 'migrate_data' && operation.data.pipeline?.some((stage) => '$unset' in stage);
    const removes = operation.type === 'remove_field' && operation.conditions !== undefined;
    if (unsets || removes) yield { message: `Each value of ${operation.collection} that goes leaves a tombstone.` };
  },
});
