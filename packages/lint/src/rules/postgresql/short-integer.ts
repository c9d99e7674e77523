import { createdColumns } from '../../postgresql/created-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a column of type integer or smallint. */
export const shortInteger = postgresqlRule({
  code: 'PG205',
  name: 'short-integer',
  level: 'off',
  doc: {
    what: 'Makes a column of type integer or smallint.',
    why: 'The change to bigint rewrites the table.',
    lock: 'Nothing now; later ACCESS EXCLUSIVE while the table is written anew.',
    safe: 'bigint.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a int)', 'CREATE TABLE t (a smallint)'],
    safe: ['CREATE TABLE t (a bigint)'],
  },
  *check(statement) {
    for (const { table, column, at } of createdColumns(statement)) {
      if (/^int[24]$/.test(column.type?.name ?? '')) yield { at, message: `${table}.${column.name} is a short integer.` };
    }
  },
});
