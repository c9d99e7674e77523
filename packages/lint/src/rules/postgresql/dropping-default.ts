import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops the default of a column. */
export const droppingDefault = postgresqlRule({
  code: 'PG114',
  name: 'dropping-default',
  level: 'warning',
  doc: {
    what: 'Drops the default of a column.',
    why: 'INSERTs of the running application that leave the column out write null, or fail where it is NOT NULL.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Deploy an application that always writes the column first.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ALTER COLUMN state DROP DEFAULT'],
    safe: [
      "ALTER TABLE users ALTER COLUMN state SET DEFAULT 'new'",
      `CREATE TABLE t (a int DEFAULT 1);
ALTER TABLE t ALTER a DROP DEFAULT`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype, name, argument, at } of alterations(statement)) {
      if (subtype !== 'AT_ColumnDefault' || argument !== undefined || context.isNew(table)) continue;
      yield { at, message: `Without its default, ${table}.${name} is null where the running application leaves it out.` };
    }
  },
});
