import { addedColumns } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a stored generated column to a table that is in use. */
export const addingStoredGeneratedColumn = postgresqlRule({
  code: 'PG004',
  name: 'adding-stored-generated-column',
  level: 'error',
  doc: {
    what: 'Adds a stored generated column to a table that is in use.',
    why: 'The value of each existing row is computed and written.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while all rows and indexes are written anew.',
    safe: 'Add an ordinary column, keep it up to date by a trigger and fill the old rows in batches; from PostgreSQL 18 on a VIRTUAL column needs no rewrite.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD COLUMN lower_name text GENERATED ALWAYS AS (lower(name)) STORED'],
    safe: [
      'ALTER TABLE users ADD COLUMN lower_name text GENERATED ALWAYS AS (lower(name)) VIRTUAL',
      `CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a * 2) STORED`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true },
  *check(statement, context) {
    for (const { table, column, at } of addedColumns(statement)) {
      if (column.generated !== 'stored' || context.isNew(table)) continue;
      yield { at, message: `Adding ${table}.${column.name}, computed and stored, writes all rows of ${table} anew.` };
    }
  },
});
