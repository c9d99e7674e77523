import { keyFields } from '../../operations/key-fields.ts';
import { operationRule } from '../../operations/rule.ts';

/** Renames, retypes or removes an attribute that is a key of the table. */
export const changingKey = operationRule({
  code: 'DY002',
  name: 'changing-key',
  store: 'dynamodb',
  level: 'error',
  doc: {
    what: 'Renames, retypes or removes an attribute that is a key of the table.',
    why: 'The key of a table cannot be changed: the whole table must be copied into another one, and applications must switch to it.',
    lock: 'Nothing is locked; every item is read and written.',
    safe: 'Create another table (create_collection), copy it (extract), switch the application, then drop the old one.',
  },
  examples: {
    unsafe: [
      [
        { type: 'create_collection', collection: 'orders', data: { fields: [{ name: 'id', type: 'text' }], key: ['id'] } },
        { type: 'change_type', collection: 'orders', data: { field_name: 'id', to: 'decimal' } },
      ],
    ],
    safe: [
      [
        { type: 'create_collection', collection: 'orders', data: { fields: [{ name: 'id', type: 'text' }], key: ['id'] } },
        { type: 'change_type', collection: 'orders', data: { field_name: 'total', to: 'decimal' } },
      ],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'change_type' && operation.type !== 'rename_field' && operation.type !== 'remove_field') return;
    const name = operation.type === 'rename_field' ? operation.data.old_name : operation.data.field_name;
    if (keyFields(operation, context).has(name))
      yield { message: `${name} is a key of ${operation.collection}: the table has to be copied.` };
  },
});
