import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a foreign key or check. */
export const droppingConstraint = mysqlRule({
  code: 'MY208',
  name: 'dropping-constraint',
  level: 'warning',
  doc: {
    what: 'Drops a foreign key or check.',
    why: 'Rows that break it can be written from then on; it cannot be set again before they are put right.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Be sure that nothing relies on it; polyshift drop_constraint keeps the definition for the way back.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE orders DROP FOREIGN KEY orders_user',
      'ALTER TABLE users DROP CHECK adult',
      'ALTER TABLE users DROP CONSTRAINT adult',
    ],
    safe: [
      'ALTER TABLE users ADD COLUMN a INT',
      `CREATE TABLE t (a INT, CONSTRAINT c CHECK (a > 0));
ALTER TABLE t DROP CHECK c`,
    ],
  },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if ((action.kind === 'drop_foreign_key' || action.kind === 'drop_constraint') && !context.isNew(table))
        yield { at: action.at, message: `Without ${action.name}, ${table} takes rows that break it.` };
    }
  },
});
