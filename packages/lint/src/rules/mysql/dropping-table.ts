import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a table. */
export const droppingTable = mysqlRule({
  code: 'MY202',
  name: 'dropping-table',
  level: 'error',
  doc: {
    what: 'Drops a table.',
    why: 'Its rows are gone, and the running application fails.',
    lock: 'An exclusive metadata lock on the table and on those that its foreign keys point to.',
    safe: 'Deploy an application that does not use it, then take it out of use (polyshift: drop_collection, which keeps it aside until finalize).',
  },
  examples: {
    unsafe: ['DROP TABLE users'],
    safe: [
      `CREATE TABLE t (a INT);
DROP TABLE t`,
      'DROP TEMPORARY TABLE t',
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'drop' || statement.object !== 'table' || statement.temporary) return;
    for (const name of statement.names)
      if (!context.isNew(name)) yield { message: `Dropping table ${name} removes its rows and breaks applications that use it.` };
  },
});
