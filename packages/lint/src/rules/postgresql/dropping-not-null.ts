import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops NOT NULL of a column. */
export const droppingNotNull = postgresqlRule({
  code: 'PG115',
  name: 'dropping-not-null',
  level: 'warning',
  doc: {
    what: 'Drops NOT NULL of a column.',
    why: 'The running application may read a null that it does not expect, written by the new one.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Deploy an application that reads nulls first.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ALTER COLUMN email DROP NOT NULL'],
    safe: [
      `CREATE TABLE t (a int NOT NULL);
ALTER TABLE t ALTER a DROP NOT NULL`,
      'ALTER TABLE users ALTER COLUMN email DROP DEFAULT',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype, name, at } of alterations(statement)) {
      if (subtype !== 'AT_DropNotNull' || context.isNew(table)) continue;
      yield { at, message: `${table}.${name} may be null from now on, also for the application that runs now.` };
    }
  },
});
