import { cqlRule } from '../../cql/rule.ts';

/** Drops a column. */
export const droppingCqlColumn = cqlRule({
  code: 'CA103',
  name: 'dropping-cql-column',
  level: 'error',
  doc: {
    what: 'Drops a column.',
    why: 'Its values are gone, and the running application fails at the next statement that names it.',
    lock: 'Nothing is locked.',
    safe: 'polyshift remove_field, which keeps the values aside until finalize.',
  },
  examples: {
    unsafe: ['ALTER TABLE users DROP age'],
    safe: ['ALTER TABLE users ADD age int'],
  },
  *check(statement) {
    if (statement.begins('ALTER', 'TABLE') && statement.has('DROP'))
      yield { message: `Dropping ${statement.lastName()} removes its values.` };
  },
});
