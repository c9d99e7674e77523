import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes or drops something without IF [NOT] EXISTS outside of a transaction. */
export const notRepeatable = postgresqlRule({
  code: 'PG213',
  name: 'not-repeatable',
  level: 'off',
  doc: {
    what: 'Makes or drops something without IF [NOT] EXISTS outside of a transaction.',
    why: 'Where a later statement fails, the file cannot be run again: it fails at what is done already. polyshift itself goes on at the statement where it stopped.',
    lock: 'Nothing now.',
    safe: 'IF NOT EXISTS or IF EXISTS, or all statements in one transaction.',
  },
  examples: {
    unsafe: [
      'CREATE TABLE t (a int)',
      'ALTER TABLE users ADD COLUMN plan text',
      'CREATE INDEX CONCURRENTLY i ON users (name)',
      'DROP TABLE orders',
    ],
    safe: [
      'CREATE TABLE IF NOT EXISTS t (a int)',
      `BEGIN;
CREATE TABLE t (a int);
COMMIT`,
      'DROP TABLE IF EXISTS orders',
      'ALTER TABLE users ADD COLUMN IF NOT EXISTS plan text',
      `-- polyshift-lint-ignore-file PG032: an example
ALTER TABLE users ALTER COLUMN age DROP DEFAULT`,
    ],
  },
  *check(statement, context) {
    if (statement.transaction !== undefined || context.migration) return;
    const makes =
      (statement.kind === 'CreateStmt' || statement.kind === 'IndexStmt' || statement.kind === 'CreateTableAsStmt') &&
      !statement.node.if_not_exists;
    const drops = statement.kind === 'DropStmt' && !statement.node.missing_ok;
    const alters = alterations(statement).some(
      ({ subtype, command }) => /^AT_(Add|Drop)(Column|Constraint)$/.test(subtype) && !command.missing_ok,
    );
    if (makes || drops || alters) yield { message: 'A second run fails here where the first one came further.' };
  },
});
