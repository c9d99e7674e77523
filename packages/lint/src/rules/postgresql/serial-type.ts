import { createdColumns } from '../../postgresql/created-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a serial column. */
export const serialType = postgresqlRule({
  code: 'PG206',
  name: 'serial-type',
  level: 'warning',
  doc: {
    what: 'Makes a serial column.',
    why: 'The sequence has an owner and privileges of its own, and INSERTs can write any number beside it.',
    lock: 'Nothing now.',
    safe: 'GENERATED ALWAYS (or BY DEFAULT) AS IDENTITY.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (id bigserial PRIMARY KEY)'],
    safe: ['CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)'],
  },
  *check(statement) {
    for (const { table, column, at } of createdColumns(statement)) {
      if (column.serial) yield { at, message: `${table}.${column.name} is serial.` };
    }
  },
});
