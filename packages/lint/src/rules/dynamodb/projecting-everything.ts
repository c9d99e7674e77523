import { operationRule } from '../../operations/rule.ts';

/** Adds a global secondary index that holds all attributes. */
export const projectingEverything = operationRule({
  code: 'DY003',
  name: 'projecting-everything',
  store: 'dynamodb',
  level: 'warning',
  doc: {
    what: 'Adds a global secondary index that holds all attributes.',
    why: 'Each item is stored and written twice: twice the storage, and every write costs as much again.',
    lock: 'Nothing is locked; every write to the table writes the index too.',
    safe: 'projection: keys_only, or the attributes that the queries read.',
  },
  examples: {
    unsafe: [[{ type: 'add_gsi', collection: 'orders', data: { name: 'a', partition_key: { field: 'a' } } }]],
    safe: [
      [{ type: 'add_gsi', collection: 'orders', data: { name: 'a', partition_key: { field: 'a' }, projection: 'keys_only' } }],
    ],
  },
  *check(operation) {
    if (operation.type === 'add_gsi' && operation.data.projection === 'all')
      yield { message: `Index ${operation.data.name} holds every attribute of ${operation.collection} once more.` };
  },
});
