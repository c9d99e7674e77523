import { postgresqlRule } from '../../postgresql/rule.ts';
import { writeLocked } from '../../postgresql/write-locks.ts';

/** Takes locks that block reads or writes on several tables in one transaction. */
export const lockingSeveralTables = postgresqlRule({
  code: 'PG036',
  name: 'locking-several-tables',
  level: 'warning',
  doc: {
    what: 'Takes locks that block reads or writes on several tables in one transaction.',
    why: 'Each is held until the last statement is done, and applications that use the tables in another order end in a deadlock.',
    lock: 'All the locks together, until the transaction ends.',
    safe: 'One table a transaction: a migration each, or `-- polyshift: no-transaction`; set lock_timeout.',
  },
  examples: {
    unsafe: [
      `BEGIN;
ALTER TABLE users ADD COLUMN a int;
ALTER TABLE orders ADD COLUMN a int;
COMMIT`,
    ],
    safe: [
      `ALTER TABLE users ADD COLUMN a int;
ALTER TABLE orders ADD COLUMN a int`,
      `BEGIN;
ALTER TABLE users ADD COLUMN a int;
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int;
COMMIT`,
    ],
  },
  *check(statement, context) {
    const held = context.held(statement);
    if (held.size === 0) return;
    const [table] = writeLocked(statement).filter((name) => !held.has(name) && !context.isNew(name));
    if (table !== undefined)
      yield { message: `This transaction waits for ${table} while it keeps others out of ${[...held].join(', ')}.` };
  },
});
