import { openTransactions } from '../../postgresql/open-transactions.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Begins or ends a transaction inside of one that is already open. */
export const nestedTransaction = postgresqlRule({
  code: 'PG215',
  name: 'nested-transaction',
  level: 'error',
  doc: {
    what: 'Begins or ends a transaction inside of one that is already open.',
    why: 'BEGIN does nothing there, and the COMMIT ends the outer one: what comes later is not taken back with it. polyshift runs a migration in one transaction of its own.',
    lock: 'Locks are held for longer or shorter than it looks.',
    safe: 'Leave BEGIN and COMMIT out, or put `-- polyshift: no-transaction` on the first line.',
  },
  examples: {
    unsafe: [
      `BEGIN;
BEGIN;
COMMIT`,
      'COMMIT',
    ],
    safe: [
      `BEGIN;
CREATE TABLE t (a int);
COMMIT`,
      `BEGIN;
SAVEPOINT a;
ROLLBACK TO a;
COMMIT`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'TransactionStmt') return;
    const opens = /^TRANS_STMT_(BEGIN|START)$/.test(statement.node.kind);
    const closes = /^TRANS_STMT_(COMMIT|ROLLBACK)$/.test(statement.node.kind);
    const explicit = openTransactions(context.before(statement));
    if (opens && (explicit || context.wrapped)) yield { message: 'A transaction is open already.' };
    if (closes && !explicit)
      yield { message: context.wrapped ? 'This ends the transaction of whoever runs the file.' : 'No transaction is open.' };
  },
});
