import { removeField as removeFieldOfRows } from '@polyshift/adapter-kit';
import { definedHandler } from '../definitions/defined-handler.ts';
import { refuseIndexed } from '../indexes/refuse-indexed.ts';
import type { HandlerOf } from './handler-of.ts';

/** remove_field: the values are kept aside; the definition keeps the field where conditions choose some rows. */
export const removeField: HandlerOf<'remove_field'> = (store, rows) =>
  definedHandler(store, removeFieldOfRows(rows), {
    when: 'after',
    change({ data, conditions }, definition) {
      if (conditions || !definition.fields.some(({ name }) => name === data.field_name)) return definition;
      return { ...definition, fields: definition.fields.filter(({ name }) => name !== data.field_name) };
    },
    check: ({ data }, definition) => refuseIndexed(definition, data.field_name),
  });
