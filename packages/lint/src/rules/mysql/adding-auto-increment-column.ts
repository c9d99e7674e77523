import { addedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a column with AUTO_INCREMENT to a table that is in use. */
export const addingAutoIncrementColumn = mysqlRule({
  code: 'MY008',
  name: 'adding-auto-increment-column',
  level: 'error',
  doc: {
    what: 'Adds a column with AUTO_INCREMENT to a table that is in use.',
    why: 'Each row gets a number, on replicas perhaps another one.',
    lock: 'SHARED on the table: no writes while it is built anew.',
    safe: 'Create another table with the column and copy the rows in batches (polyshift: extract).',
  },
  examples: {
    unsafe: ['ALTER TABLE logs ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY'],
    safe: [
      'CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY)',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD COLUMN id BIGINT AUTO_INCREMENT PRIMARY KEY`,
    ],
  },
  claim: { algorithm: 'INPLACE', lock: 'SHARED' },
  *check(statement, context) {
    for (const { table, column } of addedColumns(statement)) {
      if (column.autoIncrement && !context.isNew(table))
        yield {
          at: column.at,
          message: `Adding ${table}.${column.name} numbers every row of ${table} while it takes no writes.`,
        };
    }
  },
});
