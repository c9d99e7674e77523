import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Refreshes a materialized view without CONCURRENTLY. */
export const refreshingMaterializedView = postgresqlRule({
  code: 'PG023',
  name: 'refreshing-materialized-view',
  level: 'warning',
  doc: {
    what: 'Refreshes a materialized view without CONCURRENTLY.',
    why: 'Nobody can read it while the query behind it runs.',
    lock: 'ACCESS EXCLUSIVE on the view until its query is done.',
    safe: 'REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on the view.',
  },
  examples: {
    unsafe: ['REFRESH MATERIALIZED VIEW totals'],
    safe: [
      'REFRESH MATERIALIZED VIEW CONCURRENTLY totals',
      `CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;
REFRESH MATERIALIZED VIEW v`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true, table: 'totals' },
  *check(statement, context) {
    if (statement.kind !== 'RefreshMatViewStmt' || statement.node.concurrent) return;
    const view = tableName(statement.node.relation);
    if (context.isNew(view)) return;
    yield { message: `Refreshing ${view} without CONCURRENTLY keeps readers out until its query is done.` };
  },
});
