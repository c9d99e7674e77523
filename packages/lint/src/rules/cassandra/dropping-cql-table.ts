import { cqlRule } from '../../cql/rule.ts';

/** Drops a table or materialized view. */
export const droppingCqlTable = cqlRule({
  code: 'CA102',
  name: 'dropping-cql-table',
  level: 'error',
  doc: {
    what: 'Drops a table or materialized view.',
    why: 'Its rows are gone (a snapshot stays on the nodes where auto_snapshot is on), and the running application fails.',
    lock: 'Nothing is locked.',
    safe: 'polyshift drop_collection, which keeps it aside until finalize.',
  },
  examples: {
    unsafe: ['DROP TABLE users', 'DROP MATERIALIZED VIEW v'],
    safe: ['CREATE TABLE t (id int PRIMARY KEY)'],
  },
  *check(statement) {
    if (statement.begins('DROP', 'TABLE') || statement.begins('DROP', 'COLUMNFAMILY') || statement.begins('DROP', 'MATERIALIZED'))
      yield { message: `Dropping ${statement.lastName()} removes its rows.` };
  },
});
