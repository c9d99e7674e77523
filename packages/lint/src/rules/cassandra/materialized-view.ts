import { operationRule } from '../../operations/rule.ts';

/** Creates a materialized view. */
export const materializedView = operationRule({
  code: 'CA002',
  name: 'materialized-view',
  store: 'cassandra',
  level: 'warning',
  doc: {
    what: 'Creates a materialized view.',
    why: 'Its makers call it experimental: view and table may differ after a failure without anybody seeing it, and each write reads before it writes.',
    lock: 'Nothing is locked; the view is built from the whole table and slows every write from then on.',
    safe: 'A table of its own that the application writes too (polyshift: create_collection and extract).',
  },
  examples: {
    unsafe: [
      [
        {
          type: 'create_materialized_view',
          collection: 'users',
          data: { name: 'v', partition_key: ['email'], clustering_key: { id: 1 } },
        },
      ],
    ],
    safe: [[{ type: 'create_collection', collection: 'users_by_email', data: {} }]],
  },
  *check(operation) {
    if (operation.type === 'create_materialized_view')
      yield { message: `View ${operation.data.name} may come to differ from ${operation.collection}, and slows its writes.` };
  },
});
