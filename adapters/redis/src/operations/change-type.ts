import { changeType as changeTypeOfRows } from '@polyshift/adapter-kit';
import { definedHandler } from '../definitions/defined-handler.ts';
import { fieldType } from '../definitions/definition.ts';
import { portable } from '../definitions/definition-of.ts';
import { refuseIndexed } from '../indexes/refuse-indexed.ts';
import type { HandlerOf } from './handler-of.ts';

/**
 * change_type: values whose text is another one in the new type are written; where it is the same (an int32 as an int64), the definition alone changes.
 * So it is also how the fields of an application's hashes get a type.
 */
export const changeType: HandlerOf<'change_type'> = (store, rows) =>
  definedHandler(store, changeTypeOfRows(rows), {
    when: 'after',
    change({ data }, definition) {
      const { field_name } = data;
      if (field_name.includes('.')) return definition;
      const type = portable(data.to);
      const known = fieldType(definition, field_name) !== undefined;
      const fields = known
        ? definition.fields.map((field) => (field.name === field_name ? { ...field, type } : field))
        : [...definition.fields, { name: field_name, type, nullable: true }];
      return { ...definition, fields };
    },
    check: ({ data }, definition) => refuseIndexed(definition, data.field_name),
  });
