import { changedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Makes a column NOT NULL. */
export const settingNotNull = mysqlRule({
  code: 'MY005',
  name: 'setting-not-null',
  level: 'warning',
  doc: {
    what: 'Makes a column NOT NULL.',
    why: "It fails where a row has null; without strict mode the nulls become 0 or ''. INSERTs that leave the column out fail afterwards.",
    lock: 'Others read and write while the table is built anew; an exclusive metadata lock at the beginning and the end, which waits for every open transaction on the table.',
    safe: 'Fill the nulls in batches first (polyshift: migrate_data), deploy an application that writes the column, and keep strict mode on (polyshift: add_constraint of kind not_null).',
  },
  examples: {
    unsafe: ['ALTER TABLE users MODIFY age INT NOT NULL'],
    safe: [
      'ALTER TABLE users MODIFY age INT',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t MODIFY a INT NOT NULL`,
      `CREATE TABLE users (age INT NOT NULL);
-- another file
ALTER TABLE users MODIFY age INT NOT NULL`,
    ],
  },
  claim: { algorithm: 'INPLACE', lock: 'NONE' },
  *check(statement, context) {
    for (const { table, column, old, at } of changedColumns(statement, context)) {
      if (!column.notNull || old?.notNull || context.isNew(table)) continue;
      yield {
        at,
        message: `${table}.${column.name} becomes NOT NULL: it fails where a row has null, and ${table} is built anew.`,
      };
    }
  },
});
