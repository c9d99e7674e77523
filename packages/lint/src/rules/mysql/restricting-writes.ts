import { addedKeys, changedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a constraint, NOT NULL or a unique index to a table that is in use, in whatever way. */
export const restrictingWrites = mysqlRule({
  code: 'MY212',
  name: 'restricting-writes',
  level: 'off',
  doc: {
    what: 'Adds a constraint, NOT NULL or a unique index to a table that is in use, in whatever way.',
    why: 'Writes of the running application that break it fail from then on.',
    lock: 'As the statement says; this rule is about the writes that are refused.',
    safe: 'Deploy an application that writes only what is allowed first.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD UNIQUE (name)',
      'ALTER TABLE users MODIFY age INT NOT NULL',
      'ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id)',
    ],
    safe: [
      'ALTER TABLE users ADD INDEX (name)',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD UNIQUE (a)`,
    ],
  },
  *check(statement, context) {
    const strict = /^(primary|unique|foreign|check)$/;
    for (const { table, key } of addedKeys(statement)) {
      if (strict.test(key.kind) && !context.isNew(table))
        yield { at: key.at, message: `Writes to ${table} that break this are refused from now on.` };
    }
    for (const { table, column, old, at } of changedColumns(statement, context)) {
      if (column.notNull && !old?.notNull && !context.isNew(table))
        yield { at, message: `Writes of null to ${table}.${column.name} are refused from now on.` };
    }
  },
});
