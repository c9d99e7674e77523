import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Drops the default of a column. */
export const droppingDefault = mysqlRule({
  code: 'MY209',
  name: 'dropping-default',
  level: 'warning',
  doc: {
    what: 'Drops the default of a column.',
    why: 'INSERTs of the running application that leave the column out write null or fail.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Deploy an application that always writes the column first.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ALTER COLUMN age DROP DEFAULT'],
    safe: [
      'ALTER TABLE users ALTER COLUMN age SET DEFAULT 1',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ALTER a DROP DEFAULT`,
    ],
  },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind === 'drop_default' && !context.isNew(table))
        yield { at: action.at, message: `${table}.${action.name} has no default any more for INSERTs that leave it out.` };
    }
  },
});
