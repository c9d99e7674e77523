import { addedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a stored generated column to a table that is in use. */
export const addingStoredGeneratedColumn = mysqlRule({
  code: 'MY007',
  name: 'adding-stored-generated-column',
  level: 'error',
  doc: {
    what: 'Adds a stored generated column to a table that is in use.',
    why: 'The value of each row is computed and written.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'A VIRTUAL column, which takes no time and can be indexed; or an ordinary column filled in batches.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD COLUMN twice INT GENERATED ALWAYS AS (age * 2) STORED'],
    safe: [
      'ALTER TABLE users ADD COLUMN twice INT AS (age * 2) VIRTUAL',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD COLUMN c INT AS (a) STORED`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, column } of addedColumns(statement)) {
      if (column.generated === 'stored' && !context.isNew(table))
        yield {
          at: column.at,
          message: `Adding ${table}.${column.name}, computed and stored, copies all of ${table}${context.whileCopying}.`,
        };
    }
  },
});
