import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a constraint. */
export const droppingConstraint = postgresqlRule({
  code: 'PG113',
  name: 'dropping-constraint',
  level: 'warning',
  doc: {
    what: 'Drops a constraint.',
    why: 'Rows that break it can be written from then on; with a foreign key gone, rows that point nowhere. It cannot be set again before they are put right.',
    lock: 'ACCESS EXCLUSIVE on the table, and for a foreign key on the other table too, for a moment.',
    safe: 'Be sure that nothing relies on it; polyshift drop_constraint keeps the definition for the way back.',
  },
  examples: {
    unsafe: ['ALTER TABLE users DROP CONSTRAINT users_age'],
    safe: [
      `CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));
ALTER TABLE t DROP CONSTRAINT c`,
      `ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT c`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype, name } of alterations(statement)) {
      if (subtype !== 'AT_DropConstraint' || context.isNew(table)) continue;
      const known = context.table(table);
      const constraint = known?.constraints.get(name);
      // The check that only prepared SET NOT NULL: the column keeps what it said.
      if (constraint?.notNullColumn !== undefined && known?.columns.get(constraint.notNullColumn)?.notNull) continue;
      yield { message: `Without constraint ${name}, ${table} takes rows that break it.` };
    }
  },
});
