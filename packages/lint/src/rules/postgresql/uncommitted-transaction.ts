import { postgresqlRule } from '../../postgresql/rule.ts';

/** Begins a transaction and does not end it. */
export const uncommittedTransaction = postgresqlRule({
  code: 'PG216',
  name: 'uncommitted-transaction',
  level: 'error',
  doc: {
    what: 'Begins a transaction and does not end it.',
    why: 'Nothing of it takes effect where the session ends; where the session goes on, its locks stay.',
    lock: 'All locks of the transaction, until the session ends.',
    safe: 'COMMIT at the end.',
  },
  examples: {
    unsafe: [
      `BEGIN;
CREATE TABLE t (a int)`,
    ],
    safe: [
      `BEGIN;
CREATE TABLE t (a int);
COMMIT`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'TransactionStmt' || !/^TRANS_STMT_(BEGIN|START)$/.test(statement.node.kind)) return;
    const ended = context
      .after(statement)
      .some((later) => later.kind === 'TransactionStmt' && /^TRANS_STMT_(COMMIT|ROLLBACK|PREPARE)$/.test(later.node.kind));
    if (!ended) yield { message: 'No COMMIT follows: nothing of this takes effect.' };
  },
});
