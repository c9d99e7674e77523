import { createdColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Makes a key that numbers itself, or a primary key, of a type shorter than bigint. */
export const shortKey = mysqlRule({
  code: 'MY301',
  name: 'short-key',
  level: 'warning',
  doc: {
    what: 'Makes a key that numbers itself, or a primary key, of a type shorter than bigint.',
    why: 'It runs out of numbers: INSERTs then fail, and the change to bigint copies the table.',
    lock: 'Nothing now; later no writes while the table is copied.',
    safe: 'BIGINT UNSIGNED.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)', 'CREATE TABLE t (id MEDIUMINT UNSIGNED PRIMARY KEY)'],
    safe: ['CREATE TABLE t (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, n INT)'],
  },
  *check(statement) {
    for (const { table, column } of createdColumns(statement)) {
      if (/^(tinyint|smallint|mediumint|int)$/.test(column.type.name) && (column.autoIncrement || column.primaryKey))
        yield { at: column.at, message: `${table}.${column.name} is a key of type ${column.type.name}, which runs out.` };
    }
  },
});
