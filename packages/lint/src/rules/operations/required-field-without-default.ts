import { operationRule } from '../../operations/rule.ts';

/** Adds a field that must not be null without a value for the rows that are there. */
export const requiredFieldWithoutDefault = operationRule({
  code: 'OP007',
  name: 'required-field-without-default',
  store: 'any',
  level: 'error',
  doc: {
    what: 'Adds a field that must not be null without a value for the rows that are there.',
    why: 'It is refused where the collection has rows, and INSERTs of the running application fail.',
    lock: 'As the plan of the store says.',
    safe: 'Give default_value; or add it nullable, fill it (migrate_data), then add_constraint of kind not_null.',
  },
  examples: {
    unsafe: [[{ type: 'add_field', collection: 'users', data: { field_name: 'plan', type: 'text', nullable: false } }]],
    safe: [
      [{ type: 'add_field', collection: 'users', data: { field_name: 'plan', type: 'text' } }],
      [{ type: 'add_field', collection: 'users', data: { field_name: 'plan', default_value: 'free', nullable: false } }],
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'add_field', collection: 'users', data: { field_name: 'plan', type: 'text', nullable: false } },
      ],
    ],
  },
  *check(operation, context) {
    if (
      operation.type !== 'add_field' ||
      operation.data.nullable ||
      operation.data.default_value !== undefined ||
      context.isNew(operation.collection)
    )
      return;
    yield { message: `Rows of ${operation.collection} have no value for ${operation.data.field_name}.` };
  },
});
