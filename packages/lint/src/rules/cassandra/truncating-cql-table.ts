import { cqlRule } from '../../cql/rule.ts';

/** Empties a table by TRUNCATE. */
export const truncatingCqlTable = cqlRule({
  code: 'CA105',
  name: 'truncating-cql-table',
  level: 'error',
  doc: {
    what: 'Empties a table by TRUNCATE.',
    why: 'All rows are gone; it needs every node to be up, and fails otherwise after some have done it.',
    lock: 'Nothing is locked; every node flushes and takes a snapshot.',
    safe: 'polyshift drop_collection, which keeps the rows aside until finalize.',
  },
  examples: {
    unsafe: ['TRUNCATE users', 'TRUNCATE TABLE users'],
    safe: ['DELETE FROM users WHERE id = 1'],
  },
  *check(statement) {
    if (statement.begins('TRUNCATE')) yield { message: `TRUNCATE removes all rows of ${statement.lastName()}.` };
  },
});
