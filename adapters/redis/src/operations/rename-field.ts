import { renameField as renameFieldOfRows } from '@polyshift/adapter-kit';
import { definedHandler } from '../definitions/defined-handler.ts';
import { refuseIndexed } from '../indexes/refuse-indexed.ts';
import type { HandlerOf } from './handler-of.ts';

/** rename_field: in its place in JSON; the bytes of the value stay as they are. */
export const renameField: HandlerOf<'rename_field'> = (store, rows) =>
  definedHandler(store, renameFieldOfRows(rows), {
    when: 'after',
    change({ data }, definition) {
      if (!definition.fields.some(({ name }) => name === data.old_name)) return definition;
      const fields = definition.fields.map((field) => (field.name === data.old_name ? { ...field, name: data.new_name } : field));
      return { ...definition, fields };
    },
    check: ({ data }, definition) => refuseIndexed(definition, data.old_name),
  });
