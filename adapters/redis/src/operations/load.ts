import { load as loadRows } from '@polyshift/adapter-kit';
import { dynamicOfPlain, type PortableDocument } from '@polyshift/core';
import { definedHandler } from '../definitions/defined-handler.ts';
import { type Definition, fieldType } from '../definitions/definition.ts';
import { FieldTypes } from '../definitions/infer-fields.ts';
import type { HandlerOf } from './handler-of.ts';

/**
 * load: fields that the definition does not name get the type of the rows given, or that of the collection they come from. A collection without a definition
 * gets one in any case: it says in which encoding new rows are.
 */
export const load: HandlerOf<'load'> = (store, rows) =>
  definedHandler(store, loadRows(rows), {
    when: 'before',
    streams: true,
    async change({ data }, definition) {
      if (data.rows) {
        const types = new FieldTypes(definition);
        for (const row of data.rows) types.add(dynamicOfPlain(row) as PortableDocument);
        return { ...types.extended() };
      }
      const source = await store.definitions.read(data.from!);
      return source ? withFieldsOf(definition, source, data.fields) : { ...definition };
    },
  });

function withFieldsOf(
  definition: Definition,
  source: Definition,
  mapping: Readonly<Record<string, string>> | undefined,
): Definition {
  const pairs = mapping ? Object.entries(mapping) : source.fields.map(({ name }) => [name, name] as const);
  const fields = pairs.flatMap(([name, from]) => {
    const type = source.key.find((part) => part.name === from)?.type ?? fieldType(source, from);
    const known = fieldType(definition, name) ?? definition.key.find((part) => part.name === name)?.type;
    return type && !known ? [{ name, type, nullable: true }] : [];
  });
  return { ...definition, fields: [...definition.fields, ...fields] };
}
