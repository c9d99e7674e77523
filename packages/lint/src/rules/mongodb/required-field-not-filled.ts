import { filledFields } from '../../operations/filled-fields.ts';
import { operationRule } from '../../operations/rule.ts';

/** Requires a field that nothing in the migrations so far fills. */
export const requiredFieldNotFilled = operationRule({
  code: 'MG003',
  name: 'required-field-not-filled',
  store: 'mongodb',
  level: 'warning',
  doc: {
    what: 'Requires a field that nothing in the migrations so far fills.',
    why: 'Documents that lack it fail the validator with their next update.',
    lock: 'An exclusive lock on the collection for a moment.',
    safe: 'add_field with a default_value, or migrate_data, before the schema.',
  },
  examples: {
    unsafe: [[{ type: 'schema_validation', collection: 'users', data: { schema: { required: ['plan'] } } }]],
    safe: [
      [
        { type: 'add_field', collection: 'users', data: { field_name: 'plan', default_value: 'free' } },
        { type: 'schema_validation', collection: 'users', data: { schema: { required: ['plan'] } } },
      ],
      [{ type: 'schema_validation', collection: 'users', data: { schema: { properties: { plan: { bsonType: 'string' } } } } }],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'schema_validation' || operation.data.level === 'off' || context.isNew(operation.collection)) return;
    const required = operation.data.schema['required'];
    const filled = filledFields(operation, context);
    const checked = new Set(context.checks.flatMap((each) => (each.check === 'null_values' ? each.fields : [])));
    for (const name of Array.isArray(required) ? required.map(String) : []) {
      if (name !== '_id' && !filled.has(name) && !checked.has(name))
        yield {
          path: ['data', 'schema'],
          message: `Nothing has filled ${operation.collection}.${name}, which becomes required.`,
        };
    }
  },
});
