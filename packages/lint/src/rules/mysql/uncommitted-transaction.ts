import { mysqlRule } from '../../mysql/rule.ts';

/** Begins a transaction and does not end it. */
export const uncommittedTransaction = mysqlRule({
  code: 'MY028',
  name: 'uncommitted-transaction',
  level: 'error',
  doc: {
    what: 'Begins a transaction and does not end it.',
    why: 'Nothing of it takes effect where the session ends; where the session goes on, its locks stay.',
    lock: 'All row and metadata locks of the transaction.',
    safe: 'COMMIT at the end.',
  },
  examples: {
    unsafe: [
      `START TRANSACTION;
UPDATE users SET age = 1 WHERE id = 1`,
    ],
    safe: [
      `BEGIN;
UPDATE users SET age = 1 WHERE id = 1;
COMMIT`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'transaction' || statement.verb !== 'begin') return;
    const ended = context
      .after(statement)
      .some((later) => later.kind === 'transaction' && /^(commit|rollback)$/.test(later.verb));
    if (!ended) yield { message: 'No COMMIT follows: nothing of this takes effect.' };
  },
});
