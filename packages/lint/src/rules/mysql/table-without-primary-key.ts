import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Creates a table without a primary key. */
export const tableWithoutPrimaryKey = mysqlRule({
  code: 'MY306',
  name: 'table-without-primary-key',
  level: 'warning',
  doc: {
    what: 'Creates a table without a primary key.',
    why: 'Replicas read the whole table for each changed row, group replication refuses it, and batches by key are not possible.',
    lock: 'Nothing now.',
    safe: 'A primary key.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a INT)'],
    safe: [
      'CREATE TABLE t (a INT PRIMARY KEY)',
      'CREATE TABLE t (a INT, PRIMARY KEY (a))',
      'CREATE TABLE t LIKE users',
      'CREATE TEMPORARY TABLE t (a INT)',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD PRIMARY KEY (a)`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'create_table' || statement.derived || statement.temporary) return;
    const own = statement.columns.some(({ primaryKey }) => primaryKey) || statement.keys.some(({ kind }) => kind === 'primary');
    const later = context
      .after(statement)
      .some((each) => addedKeys(each).some(({ table, key }) => table === statement.table && key.kind === 'primary'));
    if (!own && !later) yield { message: `${statement.table} has no primary key.` };
  },
});
