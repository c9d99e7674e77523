import { definedTables } from '../../mysql/defined-tables.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Changes a table without lock_wait_timeout set before in the file. */
export const missingLockWaitTimeout = mysqlRule({
  code: 'MY026',
  name: 'missing-lock-wait-timeout',
  level: 'warning',
  doc: {
    what: 'Changes a table without lock_wait_timeout set before in the file.',
    why: 'The statement waits for every open transaction on the table, by default for a year, and everybody else waits behind it.',
    lock: 'An exclusive metadata lock, asked for without end: everything that comes later queues behind it.',
    safe: 'SET SESSION lock_wait_timeout = 5 at the top of the file, and run it again when it gives up.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD COLUMN plan INT',
      'CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.age = 1',
      'RENAME TABLE users TO people',
    ],
    safe: [
      `SET SESSION lock_wait_timeout = 5;
ALTER TABLE users ADD COLUMN plan INT`,
      `SET @@lock_wait_timeout = 5;
ALTER TABLE users ADD COLUMN plan INT`,
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD COLUMN c INT`,
    ],
  },
  *check(statement, context) {
    // Once a file: the first statement that waits.
    if (context.waitedBefore || context.setting('lock_wait_timeout') !== undefined) return;
    const [table] = definedTables(statement).filter((name) => !context.isNew(name));
    if (table !== undefined)
      yield { message: `This waits for ${table} without a lock_wait_timeout, and everybody else waits behind it.` };
  },
});
