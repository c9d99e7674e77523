import { mappingsOf } from '../../operations/elasticsearch-mappings.ts';
import { operationRule } from '../../operations/rule.ts';

/** Makes an index or template whose mapping takes up every field by itself. */
export const dynamicMapping = operationRule({
  code: 'ES002',
  name: 'dynamic-mapping',
  store: 'elasticsearch',
  level: 'warning',
  doc: {
    what: 'Makes an index or template whose mapping takes up every field by itself.',
    why: 'A document with keys from users adds a field for each: the cluster state grows, and writes stop at 1000 fields.',
    lock: 'Nothing now; later the master node is busy with the mapping.',
    safe: 'dynamic: strict or false, or type flattened for objects with free keys.',
  },
  examples: {
    unsafe: [
      [
        {
          type: 'put_template',
          collection: 'logs-*',
          data: { name: 'logs', template: { mappings: { properties: { at: { type: 'date' } } } } },
        },
      ],
      [{ type: 'create_collection', collection: 'logs', data: { options: { mappings: { dynamic: true } } } }],
    ],
    safe: [
      [
        {
          type: 'put_template',
          collection: 'logs-*',
          data: { name: 'logs', template: { mappings: { dynamic: 'strict', properties: {} } } },
        },
      ],
      [{ type: 'create_collection', collection: 'logs', data: { options: { mappings: { dynamic: false } } } }],
    ],
  },
  *check(operation) {
    const mappings = mappingsOf(operation);
    if (mappings === undefined || mappings['dynamic'] === false || /^(false|strict|runtime)$/.test(String(mappings['dynamic'])))
      return;
    yield { path: ['data'], message: `Documents of ${operation.collection} add fields to the mapping by themselves.` };
  },
});
