import { PolyshiftError } from '@polyshift/core';
import { type Definition, fieldType } from '../definitions/definition.ts';
import { isFieldName, nameOf } from '../keys/names.ts';
import { fromHash } from '../values/from-hash.ts';
import { fromJson } from '../values/from-json.ts';
import { hashValue, jsonValue } from './encode-row.ts';
import { JsonText } from './json-text.ts';
import { hashFields, idField, idOf, jsonField, type RedisRow } from './raw-row.ts';

/**
 * A row in another encoding, every field with its value: a field of a hash for each member of a string, and the other way round in the order of the
 * definition. The same row where it has that encoding.
 *
 * @param definition names the types of the fields; those that it does not name say theirs themselves
 * @param tags whether the hashes that are read have tags: in collections that had a definition before
 */
export function inEncoding(definition: Definition, tags: boolean, row: RedisRow, to: 'hash' | 'json'): RedisRow {
  const json = row.get(jsonField);
  const result = new Map<string, Buffer>([[idField, idOf(row)]]);
  const typeOf = (name: string) => fieldType(definition, name) ?? definition.key.find((part) => part.name === name)?.type;
  if (to === 'hash') {
    if (!json) return row;
    const { root, text } = JsonText.parse(json, nameOf(idOf(row)));
    for (const { name, value } of root.members) {
      if (!isFieldName(name))
        throw new PolyshiftError(
          'CONVERSION_FAILED',
          `${nameOf(idOf(row))}: the field ${JSON.stringify(name)} begins with a NUL`,
        );
      const type = typeOf(name);
      result.set(name, hashValue(type, fromJson(type ?? { kind: 'dynamic' }, text, value), name, true));
    }
    return result;
  }
  if (json) return row;
  const order = definition.fields.map(({ name }) => name);
  const fields = hashFields(row).sort(
    ([left], [right]) => placeOf(order, left) - placeOf(order, right) || (left < right ? -1 : 1),
  );
  const members = fields.map(([name, raw]) => {
    if (name.startsWith('\0'))
      throw new PolyshiftError('CONVERSION_FAILED', `${nameOf(idOf(row))}: a field has a name that is no text`);
    const type = typeOf(name);
    return `${JSON.stringify(name)}:${jsonValue(type, fromHash(type, raw, tags), name)}`;
  });
  return result.set(jsonField, Buffer.from(`{${members.join(',')}}`));
}

function placeOf(order: readonly string[], name: string): number {
  const place = order.indexOf(name);
  return place === -1 ? order.length : place;
}
