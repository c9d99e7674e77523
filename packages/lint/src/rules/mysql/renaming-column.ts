import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Renames a column of a table that is in use, by RENAME COLUMN or CHANGE. */
export const renamingColumn = mysqlRule({
  code: 'MY205',
  name: 'renaming-column',
  level: 'error',
  doc: {
    what: 'Renames a column of a table that is in use, by RENAME COLUMN or CHANGE.',
    why: 'The running application fails at the next statement that names it.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Add a column with the new name, keep both equal by a trigger, fill it in batches, switch the application, drop the old one (polyshift: rename_field).',
  },
  examples: {
    unsafe: ['ALTER TABLE users RENAME COLUMN age TO years', 'ALTER TABLE users CHANGE age years INT'],
    safe: [
      'ALTER TABLE users CHANGE age age BIGINT',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t RENAME COLUMN a TO c`,
    ],
  },
  claim: { algorithm: 'INSTANT', lock: 'NONE' },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      const name =
        action.kind === 'rename_column' ? action.name : action.kind === 'change_column' ? action.column.name : undefined;
      const old = action.kind === 'rename_column' || action.kind === 'change_column' ? action.old : undefined;
      if (name === undefined || old === undefined || name.toLowerCase() === old.toLowerCase() || context.isNew(table)) continue;
      yield { at: action.at, message: `Renaming ${table}.${old} to ${name} breaks every application that names it.` };
    }
  },
});
