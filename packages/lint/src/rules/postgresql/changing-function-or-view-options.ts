import { qualified, tableName, words } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Changes options of a function or view, like SECURITY DEFINER, volatility, security_barrier. */
export const changingFunctionOrViewOptions = postgresqlRule({
  code: 'PG132',
  name: 'changing-function-or-view-options',
  level: 'off',
  doc: {
    what: 'Changes options of a function or view, like SECURITY DEFINER, volatility, security_barrier.',
    why: 'Calls of the running application behave otherwise at once.',
    lock: 'ACCESS EXCLUSIVE on the view for a moment; none for a function.',
    safe: 'Create it under a new name with the options, and switch the application to it.',
  },
  examples: {
    unsafe: ['ALTER FUNCTION touch() STABLE', 'ALTER VIEW named SET (security_barrier)'],
    safe: ["CREATE FUNCTION f() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'"],
  },
  *check(statement) {
    if (statement.kind === 'AlterFunctionStmt')
      yield { message: `Function ${qualified(words(statement.node.func.objname))} behaves otherwise from now on.` };
    if (statement.kind === 'AlterTableStmt' && statement.node.objtype === 'OBJECT_VIEW')
      yield { message: `View ${tableName(statement.node.relation)} behaves otherwise from now on.` };
  },
});
