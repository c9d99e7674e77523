import { objectName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops an index without CONCURRENTLY. */
export const droppingIndex = postgresqlRule({
  code: 'PG008',
  name: 'dropping-index',
  level: 'warning',
  doc: {
    what: 'Drops an index without CONCURRENTLY.',
    why: 'The lock is short, but it waits for every query on the table, and all queries that come later wait behind it.',
    lock: 'ACCESS EXCLUSIVE on the table and the index, for a moment once all running queries are done.',
    safe: 'DROP INDEX CONCURRENTLY, outside of a transaction (`-- polyshift: no-transaction`), or set lock_timeout and try again; polyshift: drop_index.',
  },
  examples: {
    unsafe: ['DROP INDEX users_name'],
    safe: [
      'DROP INDEX CONCURRENTLY users_name',
      `CREATE TABLE t (a int);
CREATE INDEX t_a ON t (a);
DROP INDEX t_a`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    if (statement.kind !== 'DropStmt' || statement.node.removeType !== 'OBJECT_INDEX' || statement.node.concurrent) return;
    for (const name of statement.node.objects.map(objectName)) {
      const table = context.index(name)?.table;
      if (table !== undefined && context.isNew(table)) continue;
      yield {
        message: `Dropping index ${name} without CONCURRENTLY blocks reads and writes of ${table ?? 'its table'} while it waits for running queries.`,
      };
    }
  },
});
