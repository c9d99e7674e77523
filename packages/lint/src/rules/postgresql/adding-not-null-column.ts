import { addedColumns } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a column with NOT NULL and no default to a table that is in use. */
export const addingNotNullColumn = postgresqlRule({
  code: 'PG001',
  name: 'adding-not-null-column',
  level: 'error',
  doc: {
    what: 'Adds a column with NOT NULL and no default to a table that is in use.',
    why: 'It fails where the table has a row, and every INSERT of an application that does not know the column fails afterwards.',
    lock: 'ACCESS EXCLUSIVE on the table for a moment; the statement fails on a table with rows.',
    safe: 'Add the column without NOT NULL, or with a constant default; fill it in batches (polyshift: add_field, migrate_data), and set NOT NULL by a validated check (PG005).',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD COLUMN plan text NOT NULL'],
    safe: [
      "ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free'",
      'ALTER TABLE users ADD COLUMN plan text',
      `CREATE TABLE t (id int);
ALTER TABLE t ADD COLUMN plan text NOT NULL`,
    ],
  },
  *check(statement, context) {
    for (const { table, column, at } of addedColumns(statement)) {
      const filled = column.default !== undefined || column.generated !== undefined || column.identity || column.serial;
      if (!column.notNull || filled || context.isNew(table)) continue;
      yield { at, message: `Adding ${table}.${column.name} as NOT NULL without a default fails where ${table} has rows.` };
    }
  },
});
