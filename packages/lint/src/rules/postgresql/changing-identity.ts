import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Changes or drops how a column is numbered or generated. */
export const changingIdentity = postgresqlRule({
  code: 'PG120',
  name: 'changing-identity',
  level: 'warning',
  doc: {
    what: 'Changes or drops how a column is numbered or generated.',
    why: 'INSERTs of the running application fail or get no number: ADD, SET and DROP of IDENTITY, DROP EXPRESSION.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Deploy an application that works with both first.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ALTER COLUMN id DROP IDENTITY IF EXISTS',
      'ALTER TABLE logs ALTER COLUMN line_length DROP EXPRESSION',
    ],
    safe: [
      `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE t ALTER id DROP IDENTITY`,
      'ALTER TABLE users ADD COLUMN a int',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype, name, at } of alterations(statement)) {
      if (!/^AT_((Add|Set|Drop)Identity|DropExpression)$/.test(subtype) || context.isNew(table)) continue;
      yield { at, message: `${table}.${name} gets its values in another way: INSERTs of the running application may fail.` };
    }
  },
});
