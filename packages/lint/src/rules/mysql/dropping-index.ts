import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Drops an index that is in use. */
export const droppingIndex = mysqlRule({
  code: 'MY207',
  name: 'dropping-index',
  level: 'warning',
  doc: {
    what: 'Drops an index that is in use.',
    why: 'Queries that need it read the whole table, a unique one no longer refuses duplicates, and building it again takes long.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Make it INVISIBLE first (MariaDB: IGNORED), watch for some days, then drop it; polyshift drop_index keeps the definition.',
  },
  examples: {
    unsafe: ['DROP INDEX users_name ON users', 'ALTER TABLE users DROP INDEX users_name'],
    safe: [
      'ALTER TABLE users ALTER INDEX users_name INVISIBLE',
      `ALTER TABLE users ALTER INDEX users_name INVISIBLE;
-- another file
ALTER TABLE users ADD INDEX i (age)`,
      `CREATE TABLE t (a INT, KEY k (a));
DROP INDEX k ON t`,
    ],
  },
  *check(statement, context) {
    const dropped =
      statement.kind === 'drop_index'
        ? [statement]
        : alterActions(statement).flatMap(({ table, action }) =>
            action.kind === 'drop_index' ? { table, name: action.name } : [],
          );
    for (const { table, name } of dropped) {
      if (!context.isNew(table)) yield { message: `Dropping index ${name} of ${table} cannot be taken back quickly.` };
    }
  },
});
