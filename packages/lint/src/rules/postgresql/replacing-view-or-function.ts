import { qualified, tableName, words } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Replaces a view or function. */
export const replacingViewOrFunction = postgresqlRule({
  code: 'PG121',
  name: 'replacing-view-or-function',
  level: 'off',
  doc: {
    what: 'Replaces a view or function.',
    why: 'The running application calls the new one at once.',
    lock: 'ACCESS EXCLUSIVE on the view for a moment; none for a function.',
    safe: 'Create it under a new name, and switch the application to it.',
  },
  examples: {
    unsafe: [
      'CREATE OR REPLACE VIEW named AS SELECT 1 AS id',
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
    safe: ['CREATE VIEW v AS SELECT 1', "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  },
  *check(statement) {
    if (statement.kind === 'ViewStmt' && statement.node.replace)
      yield { message: `View ${tableName(statement.node.view)} changes under the running application.` };
    if (statement.kind === 'CreateFunctionStmt' && statement.node.replace)
      yield { message: `Function ${qualified(words(statement.node.funcname))} changes under the running application.` };
  },
});
