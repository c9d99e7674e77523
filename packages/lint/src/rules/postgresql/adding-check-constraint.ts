import { addedConstraints } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a check constraint that is validated at once. */
export const addingCheckConstraint = postgresqlRule({
  code: 'PG012',
  name: 'adding-check-constraint',
  level: 'error',
  doc: {
    what: 'Adds a check constraint that is validated at once.',
    why: 'Every row is checked while nobody can read or write the table, and the statement fails where one row breaks it.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while every row is read.',
    safe: 'ADD CONSTRAINT ... CHECK (...) NOT VALID, which checks new rows alone; in a later transaction VALIDATE CONSTRAINT (polyshift: add_constraint of kind check).',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18)',
      'ALTER TABLE users ADD COLUMN plan text CHECK (length(plan) < 10)',
    ],
    safe: [
      `ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT adult`,
      `CREATE TABLE t (a int);
ALTER TABLE t ADD CHECK (a > 0)`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, constraint, at } of addedConstraints(statement)) {
      if (constraint.contype !== 'CONSTR_CHECK' || constraint.skip_validation || constraint.is_enforced === false) continue;
      if (context.isNew(table)) continue;
      const name = constraint.conname ?? 'a check constraint';
      yield { at, message: `Adding ${name} to ${table} reads all of ${table} while nobody else can.` };
    }
  },
});
