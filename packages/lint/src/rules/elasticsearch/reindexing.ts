import { operationRule } from '../../operations/rule.ts';

/** Changes a mapping in a way that needs another index: the type or the name of a field, or its removal. */
export const reindexing = operationRule({
  code: 'ES001',
  name: 'reindexing',
  store: 'elasticsearch',
  level: 'warning',
  doc: {
    what: 'Changes a mapping in a way that needs another index: the type or the name of a field, or its removal.',
    why: 'The mapping of a field cannot be changed: all documents are copied into another index, which needs the space once more.',
    lock: 'Nothing is locked; polyshift follows the writes and swaps the alias at once. The copy competes with the application.',
    safe: 'Add a second field with the new mapping (add_field), let the application write both, fill it (migrate_data).',
  },
  examples: {
    unsafe: [
      [{ type: 'change_type', collection: 'products', data: { field_name: 'price', to: 'decimal' } }],
      [{ type: 'rename_field', collection: 'products', data: { old_name: 'a', new_name: 'b' } }],
    ],
    safe: [
      [{ type: 'add_field', collection: 'products', data: { field_name: 'price', type: 'decimal' } }],
      [
        { type: 'create_collection', collection: 'products', data: {} },
        { type: 'change_type', collection: 'products', data: { field_name: 'price', to: 'decimal' } },
      ],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'change_type' && operation.type !== 'rename_field' && operation.type !== 'remove_field') return;
    if (!context.isNew(operation.collection))
      yield { message: `All documents of ${operation.collection} are copied into another index.` };
  },
});
