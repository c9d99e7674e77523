import { addedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a column with NOT NULL and no default to a table that is in use. */
export const addingNotNullColumn = mysqlRule({
  code: 'MY001',
  name: 'adding-not-null-column',
  level: 'warning',
  doc: {
    what: 'Adds a column with NOT NULL and no default to a table that is in use.',
    why: "The rows that are there get 0 or '' without a word, and INSERTs of an application that does not know the column fail in strict mode.",
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Add the column with a default, or without NOT NULL, and fill it in batches (polyshift: add_field, migrate_data).',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD COLUMN plan VARCHAR(20) NOT NULL'],
    safe: [
      "ALTER TABLE users ADD COLUMN plan VARCHAR(20) NOT NULL DEFAULT 'free'",
      'ALTER TABLE users ADD COLUMN plan VARCHAR(20)',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD COLUMN c INT NOT NULL`,
    ],
  },
  claim: { algorithm: 'INSTANT', lock: 'NONE' },
  *check(statement, context) {
    for (const { table, column } of addedColumns(statement)) {
      if (!column.notNull || column.default || column.generated || column.autoIncrement || context.isNew(table)) continue;
      yield {
        at: column.at,
        message: `${table}.${column.name} is NOT NULL without a default: old rows get an invented value, and INSERTs that leave it out fail.`,
      };
    }
  },
});
