import { cqlRule } from '../../cql/rule.ts';

/** Drops an index, type, function, aggregate, trigger, role or user. */
export const droppingCqlObject = cqlRule({
  code: 'CA115',
  name: 'dropping-cql-object',
  level: 'warning',
  doc: {
    what: 'Drops an index, type, function, aggregate, trigger, role or user.',
    why: 'The running application may use it.',
    lock: 'Nothing is locked.',
    safe: 'Deploy an application that does not use it first; polyshift drop_index keeps the definition.',
  },
  examples: {
    unsafe: ['DROP INDEX i', 'DROP TYPE address'],
    safe: ['CREATE TYPE address (street text)'],
  },
  *check(statement) {
    for (const kind of ['INDEX', 'TYPE', 'FUNCTION', 'AGGREGATE', 'TRIGGER', 'ROLE', 'USER']) {
      if (statement.begins('DROP', kind))
        yield { message: `Dropping ${kind.toLowerCase()} ${statement.lastName()} breaks whatever still uses it.` };
    }
  },
});
