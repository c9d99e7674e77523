import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates an index without CONCURRENTLY on a table that is in use. */
export const creatingIndex = postgresqlRule({
  code: 'PG007',
  name: 'creating-index',
  level: 'error',
  doc: {
    what: 'Creates an index without CONCURRENTLY on a table that is in use.',
    why: 'No row can be written until the index is built, which takes minutes to hours on large tables.',
    lock: 'SHARE on the table: reads go on, all writes wait until the index is built.',
    safe: 'CREATE INDEX CONCURRENTLY, outside of a transaction (`-- polyshift: no-transaction`), or polyshift create_index, which does so and builds an invalid one again.',
  },
  examples: {
    unsafe: ['CREATE INDEX users_age ON users (age)', 'CREATE UNIQUE INDEX ON users (name)'],
    safe: [
      'CREATE INDEX CONCURRENTLY users_age ON users (age)',
      `CREATE TABLE t (a int);
CREATE INDEX ON t (a)`,
    ],
  },
  claim: { mode: 'SHARE', rewrites: false },
  *check(statement, context) {
    if (statement.kind !== 'IndexStmt' || statement.node.concurrent) return;
    const table = tableName(statement.node.relation);
    if (context.isNew(table)) return;
    const name = statement.node.idxname === undefined ? 'an index' : `index ${statement.node.idxname}`;
    yield { message: `Creating ${name} on ${table} without CONCURRENTLY blocks all writes to ${table} until it is built.` };
  },
});
