import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops an extension. */
export const droppingExtension = postgresqlRule({
  code: 'PG116',
  name: 'dropping-extension',
  level: 'warning',
  doc: {
    what: 'Drops an extension.',
    why: 'Its types, functions and operators go with it; with CASCADE the columns and indexes that use them.',
    lock: 'ACCESS EXCLUSIVE on what uses it, with CASCADE.',
    safe: 'Take it out of use first, and drop it without CASCADE.',
  },
  examples: {
    unsafe: ['DROP EXTENSION hstore CASCADE'],
    safe: ['CREATE EXTENSION hstore'],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_EXTENSION')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping extension ${name} breaks whatever still uses it.` };
    }
  },
});
