import { changedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Changes a column by MODIFY or CHANGE without repeating what it was. */
export const losingColumnAttributes = mysqlRule({
  code: 'MY006',
  name: 'losing-column-attributes',
  level: 'warning',
  doc: {
    what: 'Changes a column by MODIFY or CHANGE without repeating what it was.',
    why: 'MODIFY and CHANGE set the whole definition: NOT NULL, DEFAULT, AUTO_INCREMENT and COMMENT that are not repeated are gone.',
    lock: 'As the change itself.',
    safe: 'Repeat every attribute, or use ALTER COLUMN SET DEFAULT, RENAME COLUMN and the like, which leave the others alone.',
  },
  examples: {
    unsafe: [
      `CREATE TABLE users (state VARCHAR(10) NOT NULL DEFAULT 'new');
ALTER TABLE users MODIFY state VARCHAR(20)`,
    ],
    safe: [
      `CREATE TABLE users (state VARCHAR(10) NOT NULL DEFAULT 'new');
ALTER TABLE users MODIFY state VARCHAR(20) NOT NULL DEFAULT 'new'`,
      'ALTER TABLE users MODIFY age BIGINT',
    ],
  },
  *check(statement, context) {
    for (const { table, column, old, at } of changedColumns(statement, context)) {
      if (!old) continue;
      const lost = [
        old.notNull && !column.notNull && !old.primaryKey ? 'NOT NULL' : '',
        old.default !== undefined && old.default !== 'null' && column.default === undefined ? 'DEFAULT' : '',
        old.autoIncrement && !column.autoIncrement ? 'AUTO_INCREMENT' : '',
        old.comment && !column.comment ? 'COMMENT' : '',
      ].filter((word) => word !== '');
      if (lost.length > 0) yield { at, message: `${table}.${column.name} loses ${lost.join(', ')}, which this does not repeat.` };
    }
  },
});
