import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a table and creates it again in the same file, or replaces it by CREATE OR REPLACE TABLE. */
export const replacingTable = mysqlRule({
  code: 'MY211',
  name: 'replacing-table',
  level: 'error',
  doc: {
    what: 'Drops a table and creates it again in the same file, or replaces it by CREATE OR REPLACE TABLE.',
    why: 'The rows are gone; what looks like CREATE TABLE destroys data where the table was there.',
    lock: 'An exclusive metadata lock for a moment.',
    safe: 'CREATE TABLE alone: it fails where the table exists.',
  },
  examples: {
    unsafe: [
      `DROP TABLE IF EXISTS users;
CREATE TABLE users (id INT)`,
      'CREATE OR REPLACE TABLE users (id INT)',
    ],
    safe: ['CREATE TABLE users (id INT)'],
  },
  *check(statement, context) {
    if (statement.kind === 'create_table' && statement.replace)
      yield { message: `${statement.table} is dropped where it exists: its rows are gone.` };
    if (statement.kind !== 'drop' || statement.object !== 'table' || statement.temporary) return;
    for (const name of statement.names) {
      const again = context.after(statement).some((later) => later.kind === 'create_table' && later.table === name);
      if (again && !context.isNew(name)) yield { message: `${name} is dropped and created again: its rows are gone.` };
    }
  },
});
