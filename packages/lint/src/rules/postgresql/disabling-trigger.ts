import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Disables triggers or rules of a table. */
export const disablingTrigger = postgresqlRule({
  code: 'PG027',
  name: 'disabling-trigger',
  level: 'warning',
  doc: {
    what: 'Disables triggers or rules of a table.',
    why: 'Every write until they are enabled again leaves out what they keep: foreign keys, audit rows, copies. For ALL that is true of other sessions too.',
    lock: 'SHARE ROW EXCLUSIVE on the table: no writes, for a moment.',
    safe: 'SET LOCAL session_replication_role = replica leaves triggers out in this session alone; or give the trigger a WHEN condition.',
  },
  examples: {
    unsafe: ['ALTER TABLE users DISABLE TRIGGER ALL', 'ALTER TABLE users DISABLE TRIGGER audit'],
    safe: [
      'ALTER TABLE users ENABLE TRIGGER audit',
      `CREATE TABLE t (a int);
ALTER TABLE t DISABLE TRIGGER ALL`,
    ],
  },
  claim: { mode: 'SHARE ROW EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype } of alterations(statement)) {
      if (!/^AT_Disable(Trig|TrigAll|TrigUser|Rule)$/.test(subtype) || context.isNew(table)) continue;
      yield {
        message: `Writes to ${table} pass its triggers by, those of other sessions included, until they are enabled again.`,
      };
    }
  },
});
