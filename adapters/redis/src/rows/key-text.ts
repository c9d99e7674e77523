import {
  ConversionError,
  castValue,
  dynamicType,
  PolyshiftError,
  type PortableDocument,
  type PortableValue,
  scalarText,
  Tagged,
  toDynamic,
} from '@polyshift/core';
import type { Definition } from '../definitions/definition.ts';
import { nameOf } from '../keys/names.ts';
import { readScalar } from '../values/read-text.ts';

/** The values of the key fields that a row's key stands for, by name. What does not read as its type is a text. */
export function keyValues(definition: Definition, id: Buffer): [string, PortableValue][] {
  const parts = keyParts(definition, nameOf(id));
  return definition.key.map((part, index) => keyValue(part, parts[index] ?? ''));
}

/** The texts of the key fields in a row's key. */
export function keyParts(definition: Definition, id: string): string[] {
  return definition.key.length === 1 ? [id] : id.split(':').map(unescaped);
}

function keyValue({ name, type }: Definition['key'][number], text: string): [string, PortableValue] {
  const value = readScalar(type, text);
  return [name, value === undefined ? text : toDynamic(type, value)];
}

/** The text of a key value behind the name of the collection. Throws ConversionError for a value that has no text of one line. */
export function keyPart(type: Definition['key'][number]['type'], value: PortableValue): string {
  const bare = value instanceof Tagged ? value.value : value;
  const own = dynamicType(value);
  const cast = own?.kind === type.kind ? bare : castValue({ kind: 'dynamic' }, value, type);
  const text = scalarText(type, cast);
  if (text === null) throw new ConversionError(`a ${type.kind} cannot be part of a key`);
  return text;
}

/** Several parts of a key as one text. */
export function joinedKey(parts: readonly string[]): string {
  return parts.length === 1
    ? parts[0]!
    : parts.map((part) => part.replace(/[%:]/g, (sign) => (sign === '%' ? '%25' : '%3A'))).join(':');
}

/** The key that a document gives. Throws INVALID_DOCUMENT where a part is missing, CONVERSION_FAILED where it has no text. */
export function documentKey(definition: Definition, document: PortableDocument): string {
  const parts = definition.key.map(({ name, type }) => {
    const value = document.get(name);
    if (value === undefined || value === null)
      throw new PolyshiftError('INVALID_DOCUMENT', `a row has no ${name}, which is its key`, {
        hint: `Give ${name} in every row.`,
      });
    try {
      return keyPart(type, value);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      throw new PolyshiftError('CONVERSION_FAILED', `${name}: ${error.message}`, { cause: error });
    }
  });
  return joinedKey(parts);
}

function unescaped(part: string): string {
  return part.replace(/%(25|3A)/g, (_all, code) => (code === '25' ? '%' : ':'));
}
