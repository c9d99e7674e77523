import { postgresqlRule } from '../../postgresql/rule.ts';
import { writeLocked } from '../../postgresql/write-locks.ts';

/** Takes a lock that blocks writes without lock_timeout set before in the file. */
export const missingLockTimeout = postgresqlRule({
  code: 'PG032',
  name: 'missing-lock-timeout',
  level: 'warning',
  doc: {
    what: 'Takes a lock that blocks writes without lock_timeout set before in the file.',
    why: 'The statement waits behind the longest transaction on the table, and everybody else waits behind the statement: a forgotten session stops the application.',
    lock: 'The lock of the statement, asked for without end: everything that comes later queues behind it.',
    safe: "SET lock_timeout = '5s' (or SET LOCAL in a transaction) at the top of the file, and run it again when it gives up.",
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD COLUMN plan text',
      'CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()',
      `SET lock_timeout = 0;
ALTER TABLE users ADD COLUMN plan text`,
    ],
    safe: [
      `SET lock_timeout = '5s';
ALTER TABLE users ADD COLUMN plan text`,
      `SELECT set_config('lock_timeout', '5s', false);
ALTER TABLE users ADD COLUMN plan text`,
      `CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int`,
      'CREATE INDEX CONCURRENTLY users_age ON users (age)',
    ],
  },
  *check(statement, context) {
    // Once a file: the first statement that waits.
    if (context.waitedBefore || context.isSet('lock_timeout')) return;
    const [table] = writeLocked(statement).filter((name) => !context.isNew(name));
    if (table !== undefined)
      yield { message: `This waits for ${table} without a lock_timeout, and everybody else waits behind it.` };
  },
});
