import { dropped } from '../../postgresql/dropped.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a table and creates it again in the same file. */
export const replacingTable = postgresqlRule({
  code: 'PG134',
  name: 'replacing-table',
  level: 'error',
  doc: {
    what: 'Drops a table and creates it again in the same file.',
    why: 'The rows are gone; what looks like CREATE TABLE destroys data where the table was there.',
    lock: 'ACCESS EXCLUSIVE on the table.',
    safe: 'Leave DROP TABLE out: CREATE TABLE then fails where the table exists.',
  },
  examples: {
    unsafe: [
      `DROP TABLE IF EXISTS users;
CREATE TABLE users (id int)`,
    ],
    safe: ['CREATE TABLE users (id int)', 'DROP TABLE IF EXISTS users'],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_TABLE')) {
      const again = context
        .after(statement)
        .some((later) => later.kind === 'CreateStmt' && tableName(later.node.relation) === name);
      if (again && !context.isNew(name)) yield { message: `${name} is dropped and created again: its rows are gone.` };
    }
  },
});
