import { addedConstraints } from '../../postgresql/alterations.ts';
import { words } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a unique constraint that builds its index itself. */
export const addingUniqueConstraint = postgresqlRule({
  code: 'PG013',
  name: 'adding-unique-constraint',
  level: 'error',
  doc: {
    what: 'Adds a unique constraint that builds its index itself.',
    why: 'The index is built while nobody can read or write the table, and the statement fails on duplicates.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, until the index is built.',
    safe: 'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX, which takes a moment (polyshift: add_constraint of kind unique).',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD CONSTRAINT users_one_name UNIQUE (name)', 'ALTER TABLE users ADD COLUMN code text UNIQUE'],
    safe: [
      `CREATE UNIQUE INDEX CONCURRENTLY users_one_name ON users (name);
ALTER TABLE users ADD CONSTRAINT users_one_name UNIQUE USING INDEX users_one_name`,
      `CREATE TABLE t (a int);
ALTER TABLE t ADD UNIQUE (a)`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, constraint, column, at } of addedConstraints(statement)) {
      if (constraint.contype !== 'CONSTR_UNIQUE' || constraint.indexname !== undefined || context.isNew(table)) continue;
      const columns = column ? column.name : words(constraint.keys).join(', ');
      yield {
        at,
        message: `Adding a unique constraint on ${table} (${columns}) blocks reads and writes of ${table} while its index is built.`,
      };
    }
  },
});
