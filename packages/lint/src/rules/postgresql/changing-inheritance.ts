import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Attaches a table to a parent or detaches it by INHERIT. */
export const changingInheritance = postgresqlRule({
  code: 'PG125',
  name: 'changing-inheritance',
  level: 'warning',
  doc: {
    what: 'Attaches a table to a parent or detaches it by INHERIT.',
    why: 'Queries over the parent see more or fewer rows at once.',
    lock: 'ACCESS EXCLUSIVE on the table, SHARE UPDATE EXCLUSIVE on the parent, for a moment.',
    safe: 'Use partitions, which detach CONCURRENTLY; or deploy an application that reads both first.',
  },
  examples: {
    unsafe: ['ALTER TABLE logs NO INHERIT base'],
    safe: [
      `CREATE TABLE t (a int);
ALTER TABLE t INHERIT base`,
      'ALTER TABLE users ADD COLUMN a int',
    ],
  },
  *check(statement, context) {
    for (const { table, subtype } of alterations(statement)) {
      if (/^AT_(Add|Drop)Inherit$/.test(subtype) && !context.isNew(table))
        yield { message: `Queries over the parent of ${table} give other rows from now on.` };
    }
  },
});
