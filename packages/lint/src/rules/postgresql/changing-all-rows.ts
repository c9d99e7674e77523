import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Updates or deletes all rows of a table in one statement. */
export const changingAllRows = postgresqlRule({
  code: 'PG030',
  name: 'changing-all-rows',
  level: 'error',
  doc: {
    what: 'Updates or deletes all rows of a table in one statement.',
    why: 'Every row stays locked until the statement ends, dead rows double the table, and replicas fall behind.',
    lock: 'ROW EXCLUSIVE on the table and a lock on every row until the transaction ends: writes to rows wait.',
    safe: 'In batches by key, each a transaction of its own, with pauses (polyshift: migrate_data, which also keeps the before-images).',
  },
  examples: {
    unsafe: ["UPDATE users SET state = 'new'", 'DELETE FROM users', 'UPDATE users SET age = 1 WHERE true'],
    safe: [
      "UPDATE users SET state = 'new' WHERE id BETWEEN 1 AND 1000",
      `CREATE TABLE t (a int);
UPDATE t SET a = 1`,
    ],
  },
  claim: { mode: 'ROW EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    if (statement.kind !== 'UpdateStmt' && statement.kind !== 'DeleteStmt') return;
    const table = tableName(statement.node.relation);
    const { whereClause } = statement.node;
    const always = (whereClause?.['A_Const'] as { boolval?: { boolval?: boolean } } | undefined)?.boolval?.boolval === true;
    if ((whereClause && !always) || context.isNew(table)) return;
    const verb = statement.kind === 'UpdateStmt' ? 'UPDATE' : 'DELETE';
    yield { message: `${verb} without a condition locks every row of ${table} until it ends.` };
  },
});
