import { operationRule } from '../../operations/rule.ts';

/** Puts a template without a priority. */
export const templateWithoutPriority = operationRule({
  code: 'ES005',
  name: 'template-without-priority',
  store: 'elasticsearch',
  level: 'warning',
  doc: {
    what: 'Puts a template without a priority.',
    why: 'Two templates that match the same index and have the same priority are refused, and one of a vendor with a higher one wins.',
    lock: 'Nothing is locked.',
    safe: 'A priority above 500, the highest of the built-in ones.',
  },
  examples: {
    unsafe: [
      [{ type: 'put_template', collection: 'logs-*', data: { name: 'logs', template: { mappings: { dynamic: false } } } }],
    ],
    safe: [
      [
        {
          type: 'put_template',
          collection: 'logs-*',
          data: { name: 'logs', template: { mappings: { dynamic: false } }, priority: 600 },
        },
      ],
    ],
  },
  *check(operation) {
    if (operation.type === 'put_template' && operation.data.priority === undefined)
      yield { message: `Template ${operation.data.name} has no priority: another one may win or be refused.` };
  },
});
