import { addedConstraints } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a foreign key that is validated at once. */
export const addingForeignKey = postgresqlRule({
  code: 'PG010',
  name: 'adding-foreign-key',
  level: 'error',
  doc: {
    what: 'Adds a foreign key that is validated at once.',
    why: 'Every row is looked up in the other table while both tables take no writes.',
    lock: 'SHARE ROW EXCLUSIVE on both tables: reads go on, all writes to both wait until every row is checked.',
    safe: 'ADD CONSTRAINT ... NOT VALID, which checks new rows alone; in a later transaction VALIDATE CONSTRAINT (polyshift: add_constraint of kind foreign_key).',
  },
  examples: {
    unsafe: [
      'ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id)',
      'ALTER TABLE orders ADD COLUMN buyer bigint DEFAULT 1 REFERENCES users (id)',
    ],
    safe: [
      `ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_user`,
      `CREATE TABLE t (id int, user_id bigint);
ALTER TABLE t ADD FOREIGN KEY (user_id) REFERENCES users (id)`,
    ],
  },
  claim: { mode: 'SHARE ROW EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, constraint, column, at } of addedConstraints(statement)) {
      if (constraint.contype !== 'CONSTR_FOREIGN' || constraint.skip_validation || context.isNew(table)) continue;
      if (column && column.default === undefined) continue;
      const other = constraint.pktable ? tableName(constraint.pktable) : 'the other table';
      yield { at, message: `Adding a foreign key from ${table} to ${other} blocks writes to both while every row is checked.` };
    }
  },
});
