import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a schema. */
export const droppingSchema = postgresqlRule({
  code: 'PG103',
  name: 'dropping-schema',
  level: 'error',
  doc: {
    what: 'Drops a schema.',
    why: 'With CASCADE all that is in it is gone.',
    lock: 'ACCESS EXCLUSIVE on every table in it.',
    safe: 'Drop what is in it piece by piece, each by its own rule; the empty schema last, without CASCADE.',
  },
  examples: {
    unsafe: ['DROP SCHEMA sales CASCADE'],
    safe: ['CREATE SCHEMA sales'],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_SCHEMA')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping schema ${name} breaks whatever still uses it.` };
    }
  },
});
