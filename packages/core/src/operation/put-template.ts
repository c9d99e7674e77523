import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const putTemplate = defineOperation({
  type: 'put_template',
  summary: 'Elasticsearch: creates or replaces an index template, which new indices that match its patterns are made from.',
  undo: 'Brings back the template that was there before, or deletes it where there was none.',
  example: {
    collection: 'logs-*',
    data: { name: 'logs', template: { mappings: { properties: { at: { type: 'date' } } } }, priority: 100 },
  },
  risk: 'none',
  data: z.strictObject({
    name: nameSchema.describe('the name of the template; `collection` is its index pattern, several with commas between them'),
    template: z.record(z.string(), z.json()).describe('settings, mappings and aliases of new indices'),
    priority: z.int().min(0).optional().describe('the template with the highest priority wins; 0 where missing'),
  }),
});
