import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a view. */
export const droppingView = postgresqlRule({
  code: 'PG108',
  name: 'dropping-view',
  level: 'warning',
  doc: {
    what: 'Drops a view.',
    why: 'The running application fails where it reads it; CASCADE takes away the views that build on it.',
    lock: 'ACCESS EXCLUSIVE on the view for a moment.',
    safe: 'Deploy an application that does not use it first; for another definition use CREATE OR REPLACE VIEW.',
  },
  examples: {
    unsafe: ['DROP VIEW named'],
    safe: ['CREATE VIEW v AS SELECT 1'],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_VIEW', 'OBJECT_MATVIEW')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping view ${name} breaks whatever still uses it.` };
    }
  },
});
