import { renamedTables } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Renames a table that is in use. */
export const renamingTable = mysqlRule({
  code: 'MY204',
  name: 'renaming-table',
  level: 'error',
  doc: {
    what: 'Renames a table that is in use.',
    why: 'The running application fails at once, and the new one fails until it is done.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Rename it and create a view of the old name right behind; drop the view once nobody uses it (polyshift: rename_collection).',
  },
  examples: {
    unsafe: ['RENAME TABLE users TO people', 'ALTER TABLE users RENAME TO people'],
    safe: [
      `RENAME TABLE users TO people;
CREATE VIEW users AS SELECT * FROM people`,
      `CREATE TABLE t (a INT, b INT);
RENAME TABLE t TO u`,
      'RENAME TABLE users TO users_old, users_new TO users',
    ],
  },
  *check(statement, context) {
    for (const { old, name } of renamedTables(statement)) {
      const taken = renamedTables(statement).some((other) => other.name === old);
      const viewed = context
        .after(statement)
        .some((later) => later.kind === 'create_other' && later.object === 'view' && later.name === old);
      // A swap, or a new table that gets its final name.
      if (taken || viewed || context.isNew(old) || renamedTables(statement).some((other) => other.old === name)) continue;
      yield { message: `Renaming ${old} to ${name} breaks every application that says ${old}.` };
    }
  },
});
