import { mappedFields } from '../../operations/elasticsearch-mappings.ts';
import { operationRule } from '../../operations/rule.ts';

/** Maps a field as text without a keyword beside it. */
export const textWithoutKeyword = operationRule({
  code: 'ES003',
  name: 'text-without-keyword',
  store: 'elasticsearch',
  level: 'warning',
  doc: {
    what: 'Maps a field as text without a keyword beside it.',
    why: 'It cannot be sorted, grouped or compared as a whole; that needs fielddata, which fills the memory, or a new index.',
    lock: 'Nothing now; later a copy of the index.',
    safe: "fields: { keyword: { type: 'keyword', ignore_above: 256 } } beside it.",
  },
  examples: {
    unsafe: [
      [
        {
          type: 'put_template',
          collection: 'p-*',
          data: { name: 'p', template: { mappings: { dynamic: false, properties: { title: { type: 'text' } } } } },
        },
      ],
    ],
    safe: [
      [
        {
          type: 'put_template',
          collection: 'p-*',
          data: {
            name: 'p',
            template: {
              mappings: { dynamic: false, properties: { title: { type: 'text', fields: { keyword: { type: 'keyword' } } } } },
            },
          },
        },
      ],
    ],
  },
  *check(operation) {
    for (const { path, field } of mappedFields(operation)) {
      const inner = Object.values((field['fields'] ?? {}) as Record<string, { type?: string }>);
      if (field['type'] === 'text' && !inner.some(({ type }) => type === 'keyword'))
        yield { path: ['data'], message: `${path} of ${operation.collection} cannot be sorted or grouped.` };
    }
  },
});
