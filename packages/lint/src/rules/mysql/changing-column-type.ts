import { changedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';
import { typeChange, typeText } from '../../mysql/type-change.ts';

/** Changes the type of a column in a way that is not known to leave the rows as they are. */
export const changingColumnType = mysqlRule({
  code: 'MY003',
  name: 'changing-column-type',
  level: 'error',
  doc: {
    what: 'Changes the type of a column in a way that is not known to leave the rows as they are.',
    why: 'Every row is converted and copied, and values that do not fit fail or, without strict mode, are cut.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'Add a column beside it, keep both equal by a trigger, fill it in batches, switch the application, drop the old one (polyshift: change_type), or copy the table online (polyshift: extract; gh-ost, pt-online-schema-change).',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users MODIFY COLUMN age BIGINT',
      'ALTER TABLE users CHANGE age age VARCHAR(20)',
      `CREATE TABLE u (a VARCHAR(100));
ALTER TABLE users MODIFY email VARCHAR(10)`,
    ],
    safe: [
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t MODIFY a BIGINT`,
      'ALTER TABLE users RENAME COLUMN age TO years',
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, column, old, at } of changedColumns(statement, context)) {
      // Values of enum and set have rules of their own.
      if (context.isNew(table) || /^(enum|set)$/.test(column.type.name)) continue;
      const change = old ? typeChange(old.type, column.type) : 'unknown';
      if (change === 'same' || change === 'longer' || change === 'crosses_length_byte') continue;
      yield {
        at,
        message: `Changing the type of ${table}.${column.name}${old ? ` from ${typeText(old.type)}` : ''} to ${typeText(column.type)} copies all of ${table}${context.whileCopying}.`,
      };
    }
  },
});
