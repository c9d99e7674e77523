import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a type or domain. */
export const droppingType = postgresqlRule({
  code: 'PG111',
  name: 'dropping-type',
  level: 'warning',
  doc: {
    what: 'Drops a type or domain.',
    why: 'With CASCADE the columns of that type are dropped with their values.',
    lock: 'ACCESS EXCLUSIVE on the tables that have a column of it, with CASCADE.',
    safe: 'Change the columns to another type first; DROP TYPE without CASCADE.',
  },
  examples: {
    unsafe: ['DROP TYPE mood', 'DROP DOMAIN positive CASCADE'],
    safe: ["CREATE TYPE mood AS ENUM ('sad')"],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_TYPE', 'OBJECT_DOMAIN')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping type ${name} breaks whatever still uses it.` };
    }
  },
});
