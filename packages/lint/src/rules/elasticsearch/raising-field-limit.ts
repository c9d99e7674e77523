import { settingsOf } from '../../operations/elasticsearch-mappings.ts';
import { operationRule } from '../../operations/rule.ts';

/** Raises the limit of fields or of nested objects in a mapping. */
export const raisingFieldLimit = operationRule({
  code: 'ES007',
  name: 'raising-field-limit',
  store: 'elasticsearch',
  level: 'warning',
  doc: {
    what: 'Raises the limit of fields or of nested objects in a mapping.',
    why: 'The limit protects the master node and the memory: a mapping that meets it grows without end.',
    lock: 'Nothing now; later the master node is busy with the mapping.',
    safe: 'dynamic: strict or false, or type flattened for objects with free keys.',
  },
  examples: {
    unsafe: [
      [{ type: 'alter_options', collection: 'p', data: { options: { 'mapping.total_fields.limit': 5000 } } }],
      [
        {
          type: 'create_collection',
          collection: 'p',
          data: { options: { settings: { 'index.mapping.total_fields.limit': 5000 } } },
        },
      ],
    ],
    safe: [[{ type: 'alter_options', collection: 'p', data: { options: { refresh_interval: '30s' } } }]],
  },
  *check(operation) {
    for (const [name, value] of Object.entries(settingsOf(operation))) {
      if (/mapping\.(total_fields|nested_fields|nested_objects|depth)\.limit$/.test(name))
        yield { path: ['data'], message: `${operation.collection} may have ${value} by ${name}.` };
    }
  },
});
