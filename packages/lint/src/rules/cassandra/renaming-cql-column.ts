import { cqlRule } from '../../cql/rule.ts';

/** Renames a column. */
export const renamingCqlColumn = cqlRule({
  code: 'CA111',
  name: 'renaming-cql-column',
  level: 'error',
  doc: {
    what: 'Renames a column.',
    why: 'The running application fails at the next statement that names it; only key columns can be renamed.',
    lock: 'Nothing is locked.',
    safe: 'Another table with the new name, which the application writes too.',
  },
  examples: {
    unsafe: ['ALTER TABLE users RENAME id TO user_id'],
    safe: ['ALTER TABLE users ADD age int'],
  },
  *check(statement) {
    if (statement.begins('ALTER', 'TABLE') && statement.has('RENAME'))
      yield { message: 'Applications that name the column fail.' };
  },
});
