import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a column of a table that is in use. */
export const droppingColumn = postgresqlRule({
  code: 'PG101',
  name: 'dropping-column',
  level: 'error',
  doc: {
    what: 'Drops a column of a table that is in use.',
    why: 'Its values are gone, and the running application fails at the next statement that names it.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Deploy an application that does not use the column, then drop it (polyshift: remove_field, which keeps the values aside until finalize).',
  },
  examples: {
    unsafe: ['ALTER TABLE users DROP COLUMN mood'],
    safe: [
      'ALTER TABLE users ADD COLUMN mood text',
      `CREATE TABLE t (a int, b int);
ALTER TABLE t DROP COLUMN b`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype, name, at } of alterations(statement)) {
      if (subtype !== 'AT_DropColumn' || context.isNew(table)) continue;
      yield { at, message: `Dropping ${table}.${name} removes its values and breaks applications that name it.` };
    }
  },
});
