import { checkThat, type JsonObject, stableJson } from '@polyshift/core';
import { planned } from '../planned.ts';
import { putTemplate as put, readTemplate, restoreTemplate, templateOf } from '../templates.ts';
import type { HandlerOf } from './parts.ts';

/** What was there before: the template, or null. */
interface Undo extends JsonObject {
  before: JsonObject | null;
}

/** put_template: an index template, whole. */
export const putTemplate: HandlerOf<'put_template', Undo> = ({ store }) => ({
  async plan(operation) {
    return [
      planned(
        { PUT: `_index_template/${store.prefix}${operation.data.name}`, ...templateOf(store, operation) },
        { risk: 'none', undo: 'brings back the template that was there, or deletes it' },
      ),
    ];
  },

  async check(operation) {
    const patterns = operation.collection.split(',').map((pattern) => pattern.trim());
    return [
      checkThat(
        patterns.every((pattern) => pattern !== '' && !/[\\/?"<>| #:]/.test(pattern)),
        'pattern',
        {
          pass: `${operation.collection} is a pattern of names`,
          fail: `${operation.collection} is no pattern of names`,
          action: 'Use names with * in them, and commas between several.',
        },
      ),
    ];
  },

  async prepare(operation) {
    return { before: (await readTemplate(store, operation.data.name)) ?? null };
  },

  async *execute(operation) {
    await put(store, operation.data.name, templateOf(store, operation));
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = await readTemplate(store, operation.data.name);
    const same =
      found !== undefined && stableJson(found['index_patterns']!) === stableJson(templateOf(store, operation)['index_patterns']!);
    return [
      checkThat(same, 'template_set', {
        pass: `the template ${operation.data.name} is there`,
        fail: `the template ${operation.data.name} is another one, or not there`,
        action: 'Somebody else changes this template.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    await restoreTemplate(store, operation.data.name, undo.before);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
