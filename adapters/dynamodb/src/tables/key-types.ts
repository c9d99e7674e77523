import type { JsonObject, PortableType } from '@polyshift/core';
import { ownValue } from '@polyshift/core';
import type { KeyField, KeyType } from './definition.ts';
import { fieldsOf, invalid, keyType } from './options.ts';

/** The type of a key that holds values of a portable type; undefined for types that no key can have. */
export function keyTypeOf(type: PortableType): KeyType | undefined {
  switch (type.kind) {
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
    case 'decimal':
      return 'N';
    case 'bytes':
      return 'B';
    case 'boolean':
    case 'json':
    case 'array':
    case 'range':
    case 'document':
      return undefined;
    default:
      return 'S';
  }
}

/**
 * The key of a new table: the partition key, and the sort key where two fields are named. Types are those of `key_types` in the options, else of the
 * fields, else text.
 *
 * @throws PolyshiftError INVALID_DOCUMENT for no or more than two fields, or one of a type that no key can have
 */
export function newKey(
  fields: readonly string[],
  typeOf: (field: string) => PortableType | undefined,
  options: JsonObject,
  path: string,
): KeyField[] {
  if (fields.length === 0 || fields.length > 2) {
    throw invalid(`a table has a partition key, or a partition key and a sort key: not ${fields.length} fields`, `${path}.key`);
  }
  const given = fieldsOf(options['key_types'] ?? null);
  return fields.map((field) => {
    const own = ownValue(given, field);
    if (own !== undefined) return { field, type: keyType(own, `${path}.options.key_types.${field}`) };
    const declared = typeOf(field);
    const type = declared === undefined ? 'S' : keyTypeOf(declared);
    if (type === undefined) {
      throw invalid(`${field} is of type ${declared?.kind}, which no key can have: only text, numbers and bytes`, `${path}.key`);
    }
    return { field, type };
  });
}
