import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Renames a table that is in use. */
export const renamingTable = postgresqlRule({
  code: 'PG105',
  name: 'renaming-table',
  level: 'error',
  doc: {
    what: 'Renames a table that is in use.',
    why: 'The running application fails at once, and the new one fails until it is done.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Rename it and create a view of the old name in the same transaction; drop the view once nobody uses it (polyshift: rename_collection).',
  },
  examples: {
    unsafe: ['ALTER TABLE users RENAME TO customers'],
    safe: [
      `BEGIN;
ALTER TABLE users RENAME TO customers;
CREATE VIEW users AS SELECT * FROM customers;
COMMIT`,
      `CREATE TABLE t (a int);
ALTER TABLE t RENAME TO u`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    if (statement.kind !== 'RenameStmt' || statement.node.renameType !== 'OBJECT_TABLE' || !statement.node.relation) return;
    const old = tableName(statement.node.relation);
    const viewed = context.after(statement).some((later) => later.kind === 'ViewStmt' && tableName(later.node.view) === old);
    if (context.isNew(old) || (viewed && statement.transaction !== undefined)) return;
    yield { message: `Renaming ${old} to ${statement.node.newname} breaks every application that says ${old}.` };
  },
});
