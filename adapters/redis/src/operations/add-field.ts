import { addField as addFieldToRows } from '@polyshift/adapter-kit';
import { dynamicType, literalOf, type Operation, type PortableType, toDynamic } from '@polyshift/core';
import { definedHandler } from '../definitions/defined-handler.ts';
import { fieldType } from '../definitions/definition.ts';
import { portable } from '../definitions/definition-of.ts';
import type { HandlerOf } from './handler-of.ts';

/** add_field: rows that lack the field get the default; the definition gets the field with its type first, so that the value is a plain text. */
export const addField: HandlerOf<'add_field'> = (store, rows) =>
  definedHandler(store, addFieldToRows(rows), {
    when: 'before',
    change(operation, definition) {
      const { field_name, nullable } = operation.data;
      const type = typeOf(operation);
      if (!type || field_name.includes('.') || fieldType(definition, field_name)) return definition;
      return { ...definition, fields: [...definition.fields, { name: field_name, type, nullable }] };
    },
  });

/** The type asked for, or the one that the default shows. */
function typeOf({ data }: Operation<'add_field'>): PortableType | undefined {
  if (data.type !== undefined) return portable(data.type);
  if (data.default_value === undefined || data.default_value === null) return undefined;
  const literal = literalOf(data.default_value);
  return dynamicType(toDynamic(literal.type, literal.value));
}
