import { alterations } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a constraint, NOT NULL or a unique index to a table that is in use, in whatever way. */
export const restrictingWrites = postgresqlRule({
  code: 'PG129',
  name: 'restricting-writes',
  level: 'off',
  doc: {
    what: 'Adds a constraint, NOT NULL or a unique index to a table that is in use, in whatever way.',
    why: 'Also NOT VALID and CONCURRENTLY: writes of the running application that break it fail from then on.',
    lock: 'As the statement says; this rule is about the writes that are refused.',
    safe: 'Deploy an application that writes only what the constraint allows first.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID',
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
      'CREATE UNIQUE INDEX CONCURRENTLY i ON users (name)',
    ],
    safe: [
      'CREATE INDEX CONCURRENTLY i ON users (name)',
      `CREATE TABLE t (a int);
ALTER TABLE t ADD CHECK (a > 0)`,
      'ALTER TABLE users ADD COLUMN a int',
    ],
  },
  *check(statement, context) {
    const kinds = /^CONSTR_(CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUSION|NOTNULL)$/;
    for (const { table, subtype, argument, at } of alterations(statement)) {
      const added = subtype === 'AT_AddConstraint' && kinds.test(argument?.Constraint?.contype ?? '');
      if ((added || subtype === 'AT_SetNotNull') && !context.isNew(table))
        yield { at, message: `Writes to ${table} that break this are refused from now on.` };
    }
    if (statement.kind === 'IndexStmt' && statement.node.unique && !context.isNew(tableName(statement.node.relation))) {
      yield { message: `Writes to ${tableName(statement.node.relation)} that repeat a key are refused from now on.` };
    }
  },
});
