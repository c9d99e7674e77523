import type { KeyedRow } from '@polyshift/adapter-kit';
import {
  ConversionError,
  castValue,
  dynamicType,
  PolyshiftError,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  Tagged,
} from '@polyshift/core';
import { type Definition, fieldType, keyNames } from '../definitions/definition.ts';
import { bytesOf, isFieldName } from '../keys/names.ts';
import { toHash } from '../values/to-hash.ts';
import { elementType, toJson } from '../values/to-json.ts';
import { documentKey } from './key-text.ts';
import { idField, jsonField } from './raw-row.ts';

/** The row of a document that gives its key, in the encoding of the collection. Throws INVALID_DOCUMENT or CONVERSION_FAILED. */
export function buildRow(definition: Definition, document: PortableDocument): KeyedRow<Buffer> {
  const key = documentKey(definition, document);
  const names = keyNames(definition);
  const row = new Map<string, Buffer>([[idField, bytesOf(key)]]);
  if (definition.encoding === 'json') {
    const members: string[] = [];
    for (const [name, value] of document) {
      if (!names.includes(name)) members.push(`${JSON.stringify(name)}:${jsonValue(fieldType(definition, name), value, name)}`);
    }
    row.set(jsonField, Buffer.from(`{${members.join(',')}}`));
  } else {
    for (const [name, value] of document) {
      if (names.includes(name)) continue;
      if (!isFieldName(name))
        throw new PolyshiftError(
          'CONVERSION_FAILED',
          `a hash of polyshift has no field ${JSON.stringify(name)}: it begins with a NUL`,
        );
      row.set(name, hashValue(fieldType(definition, name), value, name, true));
    }
  }
  return { key, row };
}

/** A dynamic value as the bytes of a hash's field. Throws CONVERSION_FAILED. */
export function hashValue(declared: PortableType | undefined, value: PortableValue, field: string, tags: boolean): Buffer {
  const type = writtenType(declared, value);
  return converted(field, () => toHash(type, type ? coerced(type, value) : value, tags));
}

/** A dynamic value as JSON text. Throws CONVERSION_FAILED. */
export function jsonValue(declared: PortableType | undefined, value: PortableValue, field: string): string {
  const type = writtenType(declared, value);
  return converted(field, () => (type ? toJson(type, coerced(type, value)) : toJson({ kind: 'dynamic' }, value)));
}

/** The type that a value is written in: that of its field, but for a text that only another store understands, which says its type itself. */
function writtenType(declared: PortableType | undefined, value: PortableValue): PortableType | undefined {
  const foreign = value instanceof Tagged && value.type.kind === 'native' && declared?.kind !== 'native';
  return value === null || foreign ? undefined : declared;
}

/** The bare value of a declared type. */
function coerced(declared: PortableType, value: PortableValue): PortableValue {
  if (value === null || declared.kind === 'dynamic') return value;
  if (declared.kind === 'array' && Array.isArray(value)) return value.map((each) => coerced(elementType(declared, each), each));
  const own = dynamicType(value)!;
  if (own.kind === declared.kind && declared.kind !== 'decimal') return value instanceof Tagged ? value.value : value;
  return castValue({ kind: 'dynamic' }, value, declared);
}

function converted<Value>(field: string, convert: () => Value): Value {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new PolyshiftError('CONVERSION_FAILED', `${field}: ${error.message}`, { cause: error });
  }
}
