import { addedColumns } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';
import { volatileCall } from '../../postgresql/volatility.ts';

/** Adds a column whose default must be computed for each row; before PostgreSQL 11, any default. */
export const addingVolatileDefault = postgresqlRule({
  code: 'PG002',
  name: 'adding-volatile-default',
  level: 'error',
  doc: {
    what: 'Adds a column whose default must be computed for each row; before PostgreSQL 11, any default.',
    why: 'A constant default is kept once for all rows; one that is volatile, like random() or gen_random_uuid(), is written into every row.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while all rows and indexes are written anew.',
    safe: 'Add the column without a default, then ALTER COLUMN SET DEFAULT, then fill the old rows in batches (polyshift: add_field without default_value, set_default, migrate_data).',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()',
      'ALTER TABLE users ADD COLUMN r float8 DEFAULT random() * 10',
      'ALTER TABLE users ADD COLUMN r text DEFAULT my_function()',
    ],
    safe: [
      "ALTER TABLE users ADD COLUMN plan text DEFAULT 'free'",
      'ALTER TABLE users ADD COLUMN seen timestamptz DEFAULT now()',
      'ALTER TABLE users ADD COLUMN seen timestamptz DEFAULT CURRENT_TIMESTAMP',
      `ALTER TABLE users ADD COLUMN token uuid;
ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid()`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true },
  *check(statement, context) {
    for (const { table, column, at } of addedColumns(statement)) {
      if (column.default === undefined || context.isNew(table)) continue;
      const call = volatileCall(column.default);
      if (call === undefined && context.atLeast('11')) continue;
      const cause = call === undefined ? 'a default' : `the default ${call}(), which may give another value each time,`;
      yield { at, message: `Adding ${table}.${column.name} with ${cause} writes all rows of ${table} anew.` };
    }
  },
});
