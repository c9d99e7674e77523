import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Renames a column of a table that is in use. */
export const renamingColumn = postgresqlRule({
  code: 'PG106',
  name: 'renaming-column',
  level: 'error',
  doc: {
    what: 'Renames a column of a table that is in use.',
    why: 'The running application fails at the next statement that names it.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Add a column with the new name, keep both equal by a trigger, fill it in batches, switch the application, drop the old one (polyshift: rename_field).',
  },
  examples: {
    unsafe: ['ALTER TABLE users RENAME COLUMN mood TO temper'],
    safe: [
      `CREATE TABLE t (a int);
ALTER TABLE t RENAME COLUMN a TO b`,
      'ALTER TABLE users RENAME CONSTRAINT users_pkey TO users_pk',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    if (statement.kind !== 'RenameStmt' || statement.node.renameType !== 'OBJECT_COLUMN' || !statement.node.relation) return;
    const table = tableName(statement.node.relation);
    if (context.isNew(table)) return;
    yield {
      message: `Renaming ${table}.${statement.node.subname} to ${statement.node.newname} breaks every application that names it.`,
    };
  },
});
