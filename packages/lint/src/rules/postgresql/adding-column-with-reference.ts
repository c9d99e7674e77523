import { addedConstraints } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a column with REFERENCES. */
export const addingColumnWithReference = postgresqlRule({
  code: 'PG011',
  name: 'adding-column-with-reference',
  level: 'warning',
  doc: {
    what: 'Adds a column with REFERENCES.',
    why: 'The new column holds null alone, so no row is checked, but the other table is locked too, and its applications do not expect that.',
    lock: 'ACCESS EXCLUSIVE on the table and SHARE ROW EXCLUSIVE on the other one, each for a moment once the running transactions that use it are done.',
    safe: 'Add the column alone; then ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID with lock_timeout set, and VALIDATE CONSTRAINT later.',
  },
  examples: {
    unsafe: ['ALTER TABLE orders ADD COLUMN buyer bigint REFERENCES users (id)'],
    safe: [
      'ALTER TABLE orders ADD COLUMN buyer bigint',
      `CREATE TABLE t (id int);
ALTER TABLE t ADD COLUMN u bigint REFERENCES users (id)`,
    ],
  },
  claim: { mode: 'SHARE ROW EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, constraint, column, at } of addedConstraints(statement)) {
      if (constraint.contype !== 'CONSTR_FOREIGN' || !column || column.default !== undefined || context.isNew(table)) continue;
      const other = constraint.pktable ? tableName(constraint.pktable) : 'the other table';
      yield { at, message: `Adding ${table}.${column.name} with REFERENCES locks ${other} too.` };
    }
  },
});
