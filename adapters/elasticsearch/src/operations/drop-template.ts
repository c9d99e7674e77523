import { checkThat, type JsonObject } from '@polyshift/core';
import { planned } from '../planned.ts';
import { readTemplate, restoreTemplate } from '../templates.ts';
import type { HandlerOf } from './parts.ts';

/** The template as it was. */
interface Undo extends JsonObject {
  before: JsonObject | null;
}

/** drop_template: the definition is kept. */
export const dropTemplate: HandlerOf<'drop_template', Undo> = ({ store }) => ({
  async plan(operation) {
    return [
      planned(
        { DELETE: `_index_template/${store.prefix}${operation.data.name}` },
        { risk: 'none', undo: 'puts the template back as it was' },
      ),
    ];
  },

  async check(operation) {
    return [
      checkThat((await readTemplate(store, operation.data.name)) !== undefined, 'template_exists', {
        pass: `the template ${operation.data.name} is there`,
        fail: `there is no template ${operation.data.name}`,
        action: 'Correct the name, or leave the operation out.',
      }),
    ];
  },

  async prepare(operation) {
    return { before: (await readTemplate(store, operation.data.name)) ?? null };
  },

  async *execute(operation) {
    await restoreTemplate(store, operation.data.name, null);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    return [
      checkThat((await readTemplate(store, operation.data.name)) === undefined, 'template_gone', {
        pass: `the template ${operation.data.name} is gone`,
        fail: `the template ${operation.data.name} is there`,
        action: 'Somebody else puts it back.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    await restoreTemplate(store, operation.data.name, undo.before);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
