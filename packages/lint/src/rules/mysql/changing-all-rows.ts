import { mysqlRule } from '../../mysql/rule.ts';

/** Updates or deletes all rows of a table in one statement. */
export const changingAllRows = mysqlRule({
  code: 'MY029',
  name: 'changing-all-rows',
  level: 'error',
  doc: {
    what: 'Updates or deletes all rows of a table in one statement.',
    why: 'Every row stays locked until the statement ends, the undo log grows, and replicas fall behind by as long as it took.',
    lock: 'A lock on every row until the transaction ends; in REPEATABLE READ on the gaps too: no writes.',
    safe: 'In batches by key, each a transaction of its own, with pauses (polyshift: migrate_data, which also keeps the before-images).',
  },
  examples: {
    unsafe: ['UPDATE users SET age = 1', 'DELETE FROM users', 'UPDATE users SET age = 1 WHERE 1'],
    safe: [
      'UPDATE users SET age = 1 WHERE id < 1000',
      'DELETE FROM users LIMIT 1000',
      `CREATE TABLE t (a INT, b INT);
UPDATE t SET a = 1`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'change_rows' || statement.conditional || context.isNew(statement.table)) return;
    yield { message: `${statement.verb} without a condition locks every row of ${statement.table} until it ends.` };
  },
});
