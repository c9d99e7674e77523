import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a foreign key to a table that is in use while foreign_key_checks is on. */
export const addingForeignKey = mysqlRule({
  code: 'MY017',
  name: 'adding-foreign-key',
  level: 'error',
  doc: {
    what: 'Adds a foreign key to a table that is in use while foreign_key_checks is on.',
    why: 'Every row is checked against the other table, and both take no writes meanwhile.',
    lock: 'SHARED on the table: no writes while every row is copied and checked; a metadata lock on the other table, too.',
    safe: 'Check for orphans, then SET foreign_key_checks = 0, ADD FOREIGN KEY with ALGORITHM=INPLACE, which checks no row, and set it back (polyshift: add_constraint of kind foreign_key checks before).',
  },
  examples: {
    unsafe: ['ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id)'],
    safe: [
      `SET foreign_key_checks = 0;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);
SET foreign_key_checks = 1`,
      `CREATE TABLE t (u BIGINT);
ALTER TABLE t ADD FOREIGN KEY (u) REFERENCES users (id)`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    if (context.setting('foreign_key_checks') === '0') return;
    for (const { table, key } of addedKeys(statement)) {
      if (key.kind !== 'foreign' || context.isNew(table)) continue;
      yield {
        at: key.at,
        message: `The foreign key from ${table} to ${key.references?.table} copies and checks all of ${table}${context.whileCopying}.`,
      };
    }
  },
});
