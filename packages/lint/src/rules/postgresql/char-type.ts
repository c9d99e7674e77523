import { createdColumns } from '../../postgresql/created-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a column of type char(n). */
export const charType = postgresqlRule({
  code: 'PG201',
  name: 'char-type',
  level: 'warning',
  doc: {
    what: 'Makes a column of type char(n).',
    why: 'Values are padded with blanks, compared without them, and never faster than text.',
    lock: 'Nothing now.',
    safe: 'text, or varchar(n) with the limit.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a char(5))', 'ALTER TABLE users ADD COLUMN code char(2)'],
    safe: ['CREATE TABLE t (a text)'],
  },
  *check(statement) {
    for (const { table, column, at } of createdColumns(statement)) {
      if (column.type?.name === 'bpchar')
        yield { at, message: `${table}.${column.name} is char(n): its values are padded with blanks.` };
    }
  },
});
