import { alterations } from '../../postgresql/alterations.ts';
import { words } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Sets NOT NULL on a column that may hold nulls, without a validated check before it. */
export const settingNotNull = postgresqlRule({
  code: 'PG005',
  name: 'setting-not-null',
  level: 'error',
  doc: {
    what: 'Sets NOT NULL on a column that may hold nulls, without a validated check before it.',
    why: 'It fails where a row has null, and it has to look at every row to know.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while every row is read.',
    safe: 'ADD CONSTRAINT c CHECK (column IS NOT NULL) NOT VALID; in a later transaction VALIDATE CONSTRAINT c, which blocks nobody; then SET NOT NULL, which sees the check and reads no row, and DROP CONSTRAINT c (polyshift: add_constraint of kind not_null). From PostgreSQL 18 on also ADD CONSTRAINT c NOT NULL column NOT VALID.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
      `ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID;
ALTER TABLE users ALTER COLUMN name SET NOT NULL`,
      'ALTER TABLE users ADD CONSTRAINT c NOT NULL name',
    ],
    safe: [
      `ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT c`,
      `CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a SET NOT NULL`,
      'ALTER TABLE users ADD CONSTRAINT c NOT NULL name NOT VALID',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype, name, argument, at } of alterations(statement)) {
      const constraint = subtype === 'AT_AddConstraint' ? argument?.Constraint : undefined;
      const added = constraint?.contype === 'CONSTR_NOTNULL' && constraint.skip_validation !== true;
      if (!added && subtype !== 'AT_SetNotNull') continue;
      const column = constraint ? (words(constraint.keys)[0] ?? '') : name;
      const known = context.table(table);
      const checked = [...(known?.constraints.values() ?? [])].some((each) => each.valid && each.notNullColumn === column);
      if (context.isNew(table) || known?.columns.get(column)?.notNull) continue;
      if (checked && context.atLeast('12')) continue;
      yield { at, message: `Setting NOT NULL on ${table}.${column} reads all of ${table} while nobody else can.` };
    }
  },
});
