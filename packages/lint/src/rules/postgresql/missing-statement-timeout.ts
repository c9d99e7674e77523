import { postgresqlRule } from '../../postgresql/rule.ts';
import { writeLocked } from '../../postgresql/write-locks.ts';

/** Changes a table without statement_timeout set before in the file. */
export const missingStatementTimeout = postgresqlRule({
  code: 'PG033',
  name: 'missing-statement-timeout',
  level: 'off',
  doc: {
    what: 'Changes a table without statement_timeout set before in the file.',
    why: 'A statement that takes longer than thought holds its lock all that time.',
    lock: 'The lock of the statement, for as long as it runs.',
    safe: "SET statement_timeout = '30s' at the top of the file; leave it out for CREATE INDEX CONCURRENTLY and VALIDATE CONSTRAINT.",
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD COLUMN plan text'],
    safe: [
      `SET statement_timeout = '30s';
ALTER TABLE users ADD COLUMN plan text`,
      'SELECT 1',
    ],
  },
  *check(statement, context) {
    // Once a file: the first statement that waits.
    if (context.waitedBefore || context.isSet('statement_timeout')) return;
    const [table] = writeLocked(statement).filter((name) => !context.isNew(name));
    if (table !== undefined) yield { message: `This may hold its lock on ${table} for any time: no statement_timeout is set.` };
  },
});
