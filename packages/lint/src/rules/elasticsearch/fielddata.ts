import { mappedFields } from '../../operations/elasticsearch-mappings.ts';
import { operationRule } from '../../operations/rule.ts';

/** Switches fielddata on for a text field. */
export const fielddata = operationRule({
  code: 'ES004',
  name: 'fielddata',
  store: 'elasticsearch',
  level: 'error',
  doc: {
    what: 'Switches fielddata on for a text field.',
    why: 'All its words are loaded into the memory of every node when somebody sorts or groups by it: nodes run out of it.',
    lock: 'Nothing is locked; requests are refused when the memory is used up.',
    safe: 'Sort and group by a keyword beside it.',
  },
  examples: {
    unsafe: [
      [
        {
          type: 'put_template',
          collection: 'p-*',
          data: {
            name: 'p',
            template: { mappings: { dynamic: false, properties: { title: { type: 'text', fielddata: true } } } },
          },
        },
      ],
    ],
    safe: [
      [
        {
          type: 'put_template',
          collection: 'p-*',
          data: { name: 'p', template: { mappings: { dynamic: false, properties: { title: { type: 'keyword' } } } } },
        },
      ],
    ],
  },
  *check(operation) {
    for (const { path, field } of mappedFields(operation)) {
      if (field['fielddata'] === true)
        yield { path: ['data'], message: `${path} of ${operation.collection} is loaded into memory as a whole.` };
    }
  },
});
