import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Revokes a privilege. */
export const revoking = postgresqlRule({
  code: 'PG122',
  name: 'revoking',
  level: 'warning',
  doc: {
    what: 'Revokes a privilege.',
    why: 'The running application may need it: its next statement fails.',
    lock: 'No lock on a table that matters.',
    safe: 'Look in the logs whether the role uses it; revoke after the new application is deployed.',
  },
  examples: {
    unsafe: ['REVOKE SELECT ON users FROM app'],
    safe: ['GRANT SELECT ON users TO app'],
  },
  *check(statement) {
    if (statement.kind !== 'GrantStmt' || statement.node.is_grant) return;
    const objects = (statement.node.objects ?? []).flatMap(({ RangeVar }) => (RangeVar ? tableName(RangeVar) : []));
    yield {
      message: `A privilege${objects.length > 0 ? ` on ${objects.join(', ')}` : ''} is taken away from applications that run now.`,
    };
  },
});
