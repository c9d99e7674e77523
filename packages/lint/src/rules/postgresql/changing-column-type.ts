import { alterations } from '../../postgresql/alterations.ts';
import { columnOf, typeText } from '../../postgresql/column.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';
import { keepsRows } from '../../postgresql/type-change.ts';

/** Changes the type of a column in a way that is not known to leave the rows as they are. */
export const changingColumnType = postgresqlRule({
  code: 'PG006',
  name: 'changing-column-type',
  level: 'error',
  doc: {
    what: 'Changes the type of a column in a way that is not known to leave the rows as they are.',
    why: 'Most changes convert every value, and applications that read or write the old type fail.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while all rows and the indexes on the column are written anew.',
    safe: 'Add a second column, keep both equal by a trigger, fill it in batches, switch the application, drop the old one (polyshift: change_type). A longer varchar, text instead of varchar, and more digits of numeric before the point need no rewrite: lint knows where an earlier migration shows the old type.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ALTER COLUMN age TYPE bigint',
      'ALTER TABLE users ALTER COLUMN email TYPE varchar(80)',
      `CREATE TABLE t (a text);
-- another file
ALTER TABLE users ALTER COLUMN age TYPE text USING age || ' years'`,
    ],
    safe: [
      `CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a TYPE bigint`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true },
  *check(statement, context) {
    for (const { table, subtype, name, argument, at } of alterations(statement)) {
      if (subtype !== 'AT_AlterColumnType' || !argument?.ColumnDef || context.isNew(table)) continue;
      const { type } = columnOf(argument.ColumnDef);
      const old = context.table(table)?.columns.get(name)?.type;
      if (type && old && argument.ColumnDef.raw_default === undefined && keepsRows(old, type)) continue;
      const from = old ? ` from ${typeText(old)}` : '';
      yield {
        at,
        message: `Changing the type of ${table}.${name}${from} to ${type ? typeText(type) : 'another'} writes all rows of ${table} anew.`,
      };
    }
  },
});
