import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a table. */
export const droppingTable = postgresqlRule({
  code: 'PG102',
  name: 'dropping-table',
  level: 'error',
  doc: {
    what: 'Drops a table.',
    why: 'Its rows are gone, and the running application fails.',
    lock: 'ACCESS EXCLUSIVE on the table and on those that it points to by foreign keys.',
    safe: 'Deploy an application that does not use it, then take it out of use (polyshift: drop_collection, which keeps it aside with its rows until finalize).',
  },
  examples: {
    unsafe: ['DROP TABLE logs'],
    safe: [
      `CREATE TABLE t (a int);
DROP TABLE t`,
      'DROP INDEX CONCURRENTLY i',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false, table: 'logs' },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_TABLE', 'OBJECT_FOREIGN_TABLE')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping table ${name} breaks whatever still uses it.` };
    }
  },
});
