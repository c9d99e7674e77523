import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Rebuilds indexes without CONCURRENTLY. */
export const reindexing = postgresqlRule({
  code: 'PG022',
  name: 'reindexing',
  level: 'error',
  doc: {
    what: 'Rebuilds indexes without CONCURRENTLY.',
    why: 'All writes wait until the index is built, and reads that would use it wait too.',
    lock: 'SHARE on the table: no writes; ACCESS EXCLUSIVE on the index: reads that plan with it wait.',
    safe: 'REINDEX INDEX CONCURRENTLY or REINDEX TABLE CONCURRENTLY, outside of a transaction (`-- polyshift: no-transaction`).',
  },
  examples: {
    unsafe: ['REINDEX TABLE users', 'REINDEX INDEX users_name'],
    safe: ['REINDEX TABLE CONCURRENTLY users', 'REINDEX (CONCURRENTLY) INDEX users_name'],
  },
  claim: { mode: 'SHARE', rewrites: false },
  *check(statement, context) {
    if (
      statement.kind !== 'ReindexStmt' ||
      (statement.node.params ?? []).some(({ DefElem }) => DefElem.defname === 'concurrently')
    )
      return;
    const { relation, name } = statement.node;
    const what = relation ? tableName(relation) : (name ?? 'the database');
    if (context.isNew(what)) return;
    yield { message: `REINDEX of ${what} without CONCURRENTLY blocks writes until the indexes are built.` };
  },
});
