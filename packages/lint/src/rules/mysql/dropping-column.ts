import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a column of a table that is in use. */
export const droppingColumn = mysqlRule({
  code: 'MY201',
  name: 'dropping-column',
  level: 'error',
  doc: {
    what: 'Drops a column of a table that is in use.',
    why: 'Its values are gone, and the running application fails at the next statement that names it.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Deploy an application that does not use it, then drop it (polyshift: remove_field, which keeps the values aside until finalize).',
  },
  examples: {
    unsafe: ['ALTER TABLE users DROP COLUMN note'],
    safe: [
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t DROP COLUMN b`,
      `CREATE TABLE users (a INT, v INT AS (a) VIRTUAL);
-- another file
ALTER TABLE users DROP COLUMN v`,
    ],
  },
  claim: { algorithm: 'INSTANT', lock: 'NONE' },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind !== 'drop_column' || context.isNew(table)) continue;
      if (context.table(table)?.columns.get(action.name.toLowerCase())?.generated === 'virtual') continue;
      yield {
        at: action.at,
        message: `Dropping ${table}.${action.name} removes its values and breaks applications that name it.`,
      };
    }
  },
});
