import { alterations } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Switches row level security, or creates or changes a policy. */
export const changingRowSecurity = postgresqlRule({
  code: 'PG123',
  name: 'changing-row-security',
  level: 'warning',
  doc: {
    what: 'Switches row level security, or creates or changes a policy.',
    why: 'Rows that the application sees and writes now may be hidden or refused.',
    lock: 'ACCESS EXCLUSIVE on the table for a moment.',
    safe: 'Create the policies first, try them as the role of the application, and switch row security on last.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ENABLE ROW LEVEL SECURITY',
      'CREATE POLICY mine ON users USING (true)',
      'ALTER POLICY own ON users USING (false)',
    ],
    safe: [
      `CREATE TABLE t (a int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t`,
      'ALTER TABLE users ADD COLUMN a int',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    const policy = statement.kind === 'CreatePolicyStmt' || statement.kind === 'AlterPolicyStmt';
    const tables = policy
      ? [tableName(statement.node.table)]
      : alterations(statement).flatMap(({ table, subtype }) => (/RowSecurity$/.test(subtype) ? table : []));
    for (const table of tables) {
      if (!context.isNew(table))
        yield { message: `The rows of ${table} that applications see and write may be others from now on.` };
    }
  },
});
