import { looksFew } from '../../operations/cardinality.ts';
import { operationRule } from '../../operations/rule.ts';

/** Creates a secondary index. */
export const secondaryIndex = operationRule({
  code: 'CA001',
  name: 'secondary-index',
  store: 'cassandra',
  level: 'warning',
  doc: {
    what: 'Creates a secondary index.',
    why: 'A query by it alone asks every node. On a column with very many values it finds little for that, on one with few it reads huge rows; on columns that change often it piles up tombstones.',
    lock: 'Nothing is locked; the index is built on every node and competes with the application.',
    safe: 'A table by that column that the application writes too, or a materialized view with care; query the index only together with the partition key.',
  },
  examples: {
    unsafe: [[{ type: 'create_index', collection: 'users', data: { name: 'i', keys: { email: 1 } } }]],
    safe: [[{ type: 'add_field', collection: 'users', data: { field_name: 'a', type: 'text' } }]],
  },
  *check(operation) {
    if (operation.type !== 'create_index') return;
    const fields = Object.keys(operation.data.keys);
    const few = fields.filter(looksFew);
    const kind =
      few.length > 0
        ? `${few.join(', ')} has few values by its name: each is one huge row of the index.`
        : 'Queries by it alone ask every node.';
    yield {
      path: ['data', 'keys'],
      message: `Index ${operation.data.name} on ${operation.collection} (${fields.join(', ')}): ${kind}`,
    };
  },
});
