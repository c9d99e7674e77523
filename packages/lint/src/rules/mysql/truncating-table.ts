import { mysqlRule } from '../../mysql/rule.ts';

/** Empties a table by TRUNCATE. */
export const truncatingTable = mysqlRule({
  code: 'MY031',
  name: 'truncating-table',
  level: 'error',
  doc: {
    what: 'Empties a table by TRUNCATE.',
    why: 'All rows are gone at once, and no rollback brings them back.',
    lock: 'An exclusive metadata lock for a moment.',
    safe: 'Take the table out of use and keep it (polyshift: drop_collection keeps it aside until finalize), or delete old rows in batches.',
  },
  examples: {
    unsafe: ['TRUNCATE TABLE users'],
    safe: [
      `CREATE TABLE t (a INT, b INT);
TRUNCATE t`,
    ],
  },
  *check(statement, context) {
    if (statement.kind === 'truncate' && !context.isNew(statement.table))
      yield { message: `TRUNCATE removes all rows of ${statement.table}.` };
  },
});
