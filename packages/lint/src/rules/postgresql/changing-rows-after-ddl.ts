import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Changes rows in the transaction that has altered the same table. */
export const changingRowsAfterDdl = postgresqlRule({
  code: 'PG031',
  name: 'changing-rows-after-ddl',
  level: 'error',
  doc: {
    what: 'Changes rows in the transaction that has altered the same table.',
    why: 'The lock of ALTER TABLE is held until the transaction ends: for as long as the rows take.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, until the last row is changed.',
    safe: 'Put the rows into a migration of their own (polyshift: migrate_data), or run the file with `-- polyshift: no-transaction`.',
  },
  examples: {
    unsafe: [
      `BEGIN;
ALTER TABLE users ADD COLUMN plan text;
UPDATE users SET plan = 'free' WHERE id < 100;
COMMIT`,
    ],
    safe: [
      `ALTER TABLE users ADD COLUMN plan text;
UPDATE users SET plan = 'free' WHERE id < 100`,
      `BEGIN;
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int;
INSERT INTO t (a) VALUES (1);
COMMIT`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'UpdateStmt' && statement.kind !== 'DeleteStmt' && statement.kind !== 'InsertStmt') return;
    const table = tableName(statement.node.relation);
    if (context.isNew(table)) return;
    if (context.held(statement).has(table))
      yield {
        message: `Rows of ${table} are changed while this transaction holds the lock of an earlier statement on ${table}.`,
      };
  },
});
