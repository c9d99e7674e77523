import { cqlRule } from '../../cql/rule.ts';

/** Deletes rows or values, or inserts null. */
export const deletingRows = cqlRule({
  code: 'CA113',
  name: 'deleting-rows',
  level: 'warning',
  doc: {
    what: 'Deletes rows or values, or inserts null.',
    why: 'Each leaves a tombstone for gc_grace_seconds: reads over many get slow and fail at 100,000.',
    lock: 'Nothing is locked.',
    safe: 'Delete whole partitions, or let rows expire together by a TTL of the table with TimeWindowCompactionStrategy.',
  },
  examples: {
    unsafe: [
      'DELETE FROM users WHERE id = 1',
      'INSERT INTO users (id, age) VALUES (1, null)',
      'UPDATE users SET age = null WHERE id = 1',
    ],
    safe: ['INSERT INTO users (id, age) VALUES (1, 2)', 'SELECT * FROM users WHERE id = 1'],
  },
  *check(statement) {
    const nulls = (statement.begins('INSERT') || statement.begins('UPDATE')) && statement.has('NULL');
    if (statement.begins('DELETE') || nulls) yield { message: 'This leaves tombstones.' };
  },
});
