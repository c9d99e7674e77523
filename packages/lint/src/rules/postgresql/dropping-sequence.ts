import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a sequence. */
export const droppingSequence = postgresqlRule({
  code: 'PG112',
  name: 'dropping-sequence',
  level: 'warning',
  doc: {
    what: 'Drops a sequence.',
    why: 'With CASCADE the defaults that use it are gone, and INSERTs fail or write null.',
    lock: 'ACCESS EXCLUSIVE on the sequence; on the tables too with CASCADE.',
    safe: 'Take it out of all defaults first, and drop it without CASCADE.',
  },
  examples: {
    unsafe: ['DROP SEQUENCE numbers'],
    safe: ['CREATE SEQUENCE numbers'],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_SEQUENCE')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping sequence ${name} breaks whatever still uses it.` };
    }
  },
});
