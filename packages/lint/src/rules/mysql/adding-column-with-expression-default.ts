import { addedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a column whose default is an expression. */
export const addingColumnWithExpressionDefault = mysqlRule({
  code: 'MY009',
  name: 'adding-column-with-expression-default',
  level: 'error',
  doc: {
    what: 'Adds a column whose default is an expression.',
    why: 'It is computed for each row: the table is copied, and statement-based replicas may get other values.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'Add the column without a default, ALTER COLUMN SET DEFAULT (expression), and fill the old rows in batches.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD COLUMN next INT DEFAULT (age + 1)',
      'ALTER TABLE users ADD COLUMN token VARCHAR(36) DEFAULT (uuid())',
    ],
    safe: [
      "ALTER TABLE users ADD COLUMN plan VARCHAR(9) DEFAULT 'free'",
      'ALTER TABLE users ADD COLUMN seen TIMESTAMP DEFAULT CURRENT_TIMESTAMP',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD COLUMN c VARCHAR(36) DEFAULT (uuid())`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, column } of addedColumns(statement)) {
      if (column.default === 'expression' && !context.isNew(table))
        yield {
          at: column.at,
          message: `The default of ${table}.${column.name} is computed for each row: all of ${table} is copied.`,
        };
    }
  },
});
