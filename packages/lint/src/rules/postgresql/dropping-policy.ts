import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a policy of row level security. */
export const droppingPolicy = postgresqlRule({
  code: 'PG117',
  name: 'dropping-policy',
  level: 'warning',
  doc: {
    what: 'Drops a policy of row level security.',
    why: 'Rows may become visible that were not, or, where it was the last one, none is visible any more.',
    lock: 'ACCESS EXCLUSIVE on the table for a moment.',
    safe: 'Create the new policy first, then drop the old one, in one transaction.',
  },
  examples: {
    unsafe: ['DROP POLICY own ON users'],
    safe: ['CREATE TABLE t (a int)'],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_POLICY')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping policy ${name} breaks whatever still uses it.` };
    }
  },
});
