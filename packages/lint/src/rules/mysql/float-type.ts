import { createdColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Makes a column of type float or double. */
export const floatType = mysqlRule({
  code: 'MY303',
  name: 'float-type',
  level: 'off',
  doc: {
    what: 'Makes a column of type float or double.',
    why: 'Its values are rounded: sums of money are wrong, and equality does not hold.',
    lock: 'Nothing now.',
    safe: 'DECIMAL.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a DOUBLE)'],
    safe: ['CREATE TABLE t (a DECIMAL(10, 2))'],
  },
  *check(statement) {
    for (const { table, column } of createdColumns(statement)) {
      if (/^(float|double)$/.test(column.type.name))
        yield { at: column.at, message: `${table}.${column.name} rounds its values.` };
    }
  },
});
