import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a value to an enum. */
export const addingEnumValue = postgresqlRule({
  code: 'PG130',
  name: 'adding-enum-value',
  level: 'off',
  doc: {
    what: 'Adds a value to an enum.',
    why: 'The running application may not know it; before PostgreSQL 12 it cannot be added in a transaction, and it can never be dropped.',
    lock: 'A lock on the type for a moment.',
    safe: 'Deploy an application that reads the value before one that writes it.',
  },
  examples: {
    unsafe: ["ALTER TYPE mood ADD VALUE 'calm'"],
    safe: ["CREATE TYPE mood AS ENUM ('sad')"],
  },
  *check(statement) {
    if (statement.kind === 'AlterEnumStmt' && statement.node.oldVal === undefined)
      yield { message: `Applications that run now do not know the value '${statement.node.newVal}'.` };
  },
});
