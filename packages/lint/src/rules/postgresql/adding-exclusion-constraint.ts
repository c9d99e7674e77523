import { addedConstraints } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds an exclusion constraint. */
export const addingExclusionConstraint = postgresqlRule({
  code: 'PG016',
  name: 'adding-exclusion-constraint',
  level: 'error',
  doc: {
    what: 'Adds an exclusion constraint.',
    why: 'Its index is built while nobody can read or write the table, and there is no concurrent way.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, until the index is built.',
    safe: 'Create a second table with the constraint and copy the rows (polyshift: extract), or keep the rule by a trigger; for equality alone use a unique index built CONCURRENTLY.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD CONSTRAINT one EXCLUDE USING btree (age WITH =)'],
    safe: [
      `CREATE TABLE t (r int4range);
ALTER TABLE t ADD EXCLUDE USING gist (r WITH &&)`,
      'ALTER TABLE users ADD COLUMN r int4range',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, constraint, at } of addedConstraints(statement)) {
      if (constraint.contype !== 'CONSTR_EXCLUSION' || context.isNew(table)) continue;
      yield { at, message: `Adding an exclusion constraint to ${table} blocks its reads and writes while the index is built.` };
    }
  },
});
