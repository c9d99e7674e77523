import { createdColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Makes a column of type timestamp. */
export const timestampType = mysqlRule({
  code: 'MY302',
  name: 'timestamp-type',
  level: 'off',
  doc: {
    what: 'Makes a column of type timestamp.',
    why: 'It ends on 19 January 2038 (MariaDB 11.5: 2106), and its text depends on the session time zone.',
    lock: 'Nothing now.',
    safe: 'DATETIME in UTC.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a TIMESTAMP NULL)'],
    safe: ['CREATE TABLE t (a DATETIME)'],
  },
  *check(statement) {
    for (const { table, column } of createdColumns(statement)) {
      if (column.type.name === 'timestamp') yield { at: column.at, message: `${table}.${column.name} ends in 2038.` };
    }
  },
});
