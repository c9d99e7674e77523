import { typeText } from '../../postgresql/column.ts';
import { createdColumns } from '../../postgresql/created-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a column of type varchar(n). */
export const varcharLimit = postgresqlRule({
  code: 'PG202',
  name: 'varchar-limit',
  level: 'off',
  doc: {
    what: 'Makes a column of type varchar(n).',
    why: 'A smaller limit later needs a check of every row under ACCESS EXCLUSIVE; text with a check can be changed online.',
    lock: 'Nothing now.',
    safe: 'text with CHECK (length(column) <= n), which can be replaced by NOT VALID and VALIDATE.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a varchar(10))'],
    safe: ['CREATE TABLE t (a text, b varchar)'],
  },
  *check(statement) {
    for (const { table, column, at } of createdColumns(statement)) {
      if (column.type?.name === 'varchar' && column.type.modifiers.length > 0)
        yield { at, message: `${table}.${column.name} is ${typeText(column.type)}: its limit cannot be changed online.` };
    }
  },
});
