import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a view, routine, trigger, event, sequence or user. */
export const droppingObject = mysqlRule({
  code: 'MY206',
  name: 'dropping-object',
  level: 'warning',
  doc: {
    what: 'Drops a view, routine, trigger, event, sequence or user.',
    why: 'Applications, other views and triggers may use it.',
    lock: 'A metadata lock for a moment.',
    safe: 'Deploy an application that does not use it first; for another definition use CREATE OR REPLACE.',
  },
  examples: {
    unsafe: ['DROP VIEW v', 'DROP TRIGGER tr', 'DROP PROCEDURE p', "DROP USER 'app'@'%'"],
    safe: ['CREATE VIEW v AS SELECT 1', 'DROP TEMPORARY TABLE t'],
  },
  *check(statement) {
    if (statement.kind !== 'drop' || statement.object === 'table' || statement.object === 'database') return;
    yield { message: `Dropping ${statement.object} ${statement.names.join(', ')} breaks whatever still uses it.` };
  },
});
