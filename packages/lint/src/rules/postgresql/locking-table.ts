import { postgresqlRule } from '../../postgresql/rule.ts';
import { writeLocked } from '../../postgresql/write-locks.ts';

/** Locks a table by LOCK TABLE in a mode that blocks writes. */
export const lockingTable = postgresqlRule({
  code: 'PG028',
  name: 'locking-table',
  level: 'warning',
  doc: {
    what: 'Locks a table by LOCK TABLE in a mode that blocks writes.',
    why: 'Everything that the transaction does afterwards happens while others wait.',
    lock: 'The mode that the statement names, until the transaction ends.',
    safe: 'Lock rows by SELECT ... FOR UPDATE, or set lock_timeout and keep the transaction to one short statement.',
  },
  examples: {
    unsafe: [
      `BEGIN;
LOCK TABLE users;
COMMIT`,
      `BEGIN;
LOCK TABLE users IN SHARE MODE;
COMMIT`,
    ],
    safe: [
      `BEGIN;
LOCK TABLE users IN ROW SHARE MODE;
COMMIT`,
      `BEGIN;
CREATE TABLE t (a int);
LOCK TABLE t;
COMMIT`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'LockStmt') return;
    const tables = writeLocked(statement).filter((table) => !context.isNew(table));
    if (tables.length > 0) yield { message: `LOCK TABLE keeps writers out of ${tables.join(', ')} until the transaction ends.` };
  },
});
