import { cqlRule } from '../../cql/rule.ts';

/** Creates a materialized view. */
export const cqlMaterializedView = cqlRule({
  code: 'CA107',
  name: 'cql-materialized-view',
  level: 'warning',
  doc: {
    what: 'Creates a materialized view.',
    why: 'Its makers call it experimental: view and table may come to differ without anybody seeing it, and each write reads before it writes.',
    lock: 'Nothing is locked; the view is built from the whole table.',
    safe: 'A table of its own that the application writes too.',
  },
  examples: {
    unsafe: [
      'CREATE MATERIALIZED VIEW v AS SELECT * FROM users WHERE email IS NOT NULL AND id IS NOT NULL PRIMARY KEY (email, id)',
    ],
    safe: ['CREATE TABLE t (id int PRIMARY KEY)'],
  },
  *check(statement) {
    if (statement.begins('CREATE', 'MATERIALIZED'))
      yield { message: 'The view may come to differ from its table, and slows its writes.' };
  },
});
