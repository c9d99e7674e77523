import { createdColumns } from '../../postgresql/created-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a primary key or a numbered column of a short integer type. */
export const shortKey = postgresqlRule({
  code: 'PG204',
  name: 'short-key',
  level: 'warning',
  doc: {
    what: 'Makes a primary key or a numbered column of a short integer type.',
    why: 'It runs out of numbers at 2,147,483,647 (smallint at 32,767): INSERTs then fail, and the change to bigint rewrites the table.',
    lock: 'Nothing now; later ACCESS EXCLUSIVE while the table is written anew.',
    safe: 'bigint or uuid.',
  },
  examples: {
    unsafe: [
      'CREATE TABLE t (id int PRIMARY KEY)',
      'CREATE TABLE t (id serial)',
      'CREATE TABLE t (id smallint GENERATED ALWAYS AS IDENTITY)',
    ],
    safe: ['CREATE TABLE t (id bigint PRIMARY KEY)', 'CREATE TABLE t (id bigserial, n int)'],
  },
  *check(statement) {
    for (const { table, column, at } of createdColumns(statement)) {
      if (
        /^int[24]$/.test(column.type?.name ?? '') &&
        (column.serial || column.identity || column.constraints.some(({ contype }) => contype === 'CONSTR_PRIMARY'))
      )
        yield { at, message: `${table}.${column.name} is a key of a short integer type, which runs out.` };
    }
  },
});
