import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Changes the expression of a generated column. */
export const changingGeneratedExpression = postgresqlRule({
  code: 'PG039',
  name: 'changing-generated-expression',
  level: 'error',
  doc: {
    what: 'Changes the expression of a generated column.',
    why: 'The value of every row is computed and written anew, and applications see other values at once.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while all rows and indexes are written anew.',
    safe: 'Add a second column with the new expression (see PG004), switch the application, drop the old one.',
  },
  examples: {
    unsafe: ['ALTER TABLE logs ALTER COLUMN line_length SET EXPRESSION AS (length(line) + 1)'],
    safe: [
      'ALTER TABLE logs ALTER COLUMN line SET DEFAULT 1',
      `CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED);
ALTER TABLE t ALTER COLUMN b SET EXPRESSION AS (a * 2)`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true, table: 'logs' },
  *check(statement, context) {
    for (const { table, subtype, name, at } of alterations(statement)) {
      if (subtype !== 'AT_SetExpression' || context.isNew(table)) continue;
      yield { at, message: `Changing the expression of ${table}.${name} writes all rows of ${table} anew.` };
    }
  },
});
