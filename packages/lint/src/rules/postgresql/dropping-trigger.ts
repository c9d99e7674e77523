import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a trigger or rule. */
export const droppingTrigger = postgresqlRule({
  code: 'PG110',
  name: 'dropping-trigger',
  level: 'warning',
  doc: {
    what: 'Drops a trigger or rule.',
    why: 'What it kept (copies, audit rows, checks) is not kept any more.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Make sure that nothing needs it; set lock_timeout.',
  },
  examples: {
    unsafe: ['DROP TRIGGER audit ON users'],
    safe: ['CREATE TRIGGER a BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()'],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_TRIGGER', 'OBJECT_RULE')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping trigger ${name} breaks whatever still uses it.` };
    }
  },
});
