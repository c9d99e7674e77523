import { createdColumns } from '../../postgresql/created-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a column of type timestamp without time zone. */
export const timestampWithoutZone = postgresqlRule({
  code: 'PG203',
  name: 'timestamp-without-zone',
  level: 'warning',
  doc: {
    what: 'Makes a column of type timestamp without time zone.',
    why: 'Its values mean another moment in each session time zone.',
    lock: 'Nothing now.',
    safe: 'timestamptz, which keeps the moment.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a timestamp)'],
    safe: ['CREATE TABLE t (a timestamptz, b date)'],
  },
  *check(statement) {
    for (const { table, column, at } of createdColumns(statement)) {
      if (column.type?.name === 'timestamp') yield { at, message: `${table}.${column.name} does not say which moment it is.` };
    }
  },
});
