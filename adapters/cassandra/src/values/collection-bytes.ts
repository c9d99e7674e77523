import { ConversionError, castValue, type PortableDocument, type PortableType, type PortableValue } from '@polyshift/core';
import type { CqlType } from './cql-type.ts';
import type { Lose } from './losses.ts';
import { bytesOfParts, bytesOfVector } from './parts.ts';
import { toBytes } from './to-bytes.ts';

const dynamic: PortableType = { kind: 'dynamic' };

/** The bytes of a value in a collection, tuple, vector or user-defined type. */
export function collectionBytes(target: CqlType, type: PortableType, value: PortableValue, lose: Lose): Buffer {
  if (target.name === 'map' || target.name === 'udt') {
    const document = castValue(type, value, { kind: 'document' }) as PortableDocument;
    return target.name === 'map' ? mapBytes(target, document, lose) : udtBytes(target, document, lose);
  }
  const of = type.kind === 'array' ? type.of : dynamic;
  const elements =
    type.kind === 'array'
      ? (value as PortableValue[])
      : (castValue(type, value, { kind: 'array', of: dynamic }) as PortableValue[]);
  const ofElement = (element: PortableValue): PortableType =>
    Array.isArray(element) && of.kind !== 'array' ? { kind: 'array', of } : of;
  if (target.name === 'tuple') {
    if (elements.length > target.of.length)
      throw new ConversionError(`${target.text} has no place for ${elements.length} values`);
    return bytesOfParts(
      target.of.map((each, index) => part(each, ofElement(elements[index] ?? null), elements[index] ?? null, lose)),
    );
  }
  const written: Buffer[] = [];
  for (const element of elements) {
    if (element === null) lose('null_elements', 'null', 'nothing');
    else written.push(toBytes(target.of[0]!, ofElement(element), element, lose));
  }
  if (target.name === 'list') return bytesOfParts(written, written.length);
  if (target.name === 'vector') {
    if (written.length !== target.dimension)
      throw new ConversionError(`${target.text} takes ${target.dimension} values, not ${written.length}`);
    return bytesOfVector(target, written);
  }
  const distinct = new Map(written.map((bytes) => [bytes.toString('base64'), bytes]));
  if (distinct.size < written.length) lose('duplicate_elements', `${written.length} elements`, `${distinct.size} elements`);
  return bytesOfParts([...distinct.values()], distinct.size);
}

function mapBytes(target: CqlType, document: PortableDocument, lose: Lose): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of document) {
    if (value === null) lose('null_elements', `${name}: null`, 'nothing');
    else parts.push(toBytes(target.of[0]!, { kind: 'text' }, name, lose), toBytes(target.of[1]!, dynamic, value, lose));
  }
  return bytesOfParts(parts, parts.length / 2);
}

function udtBytes(target: CqlType, document: PortableDocument, lose: Lose): Buffer {
  const { name, fields } = target.udt!;
  const unknown = [...document.keys()].find((field) => !fields.includes(field));
  if (unknown !== undefined) throw new ConversionError(`the type ${name} has no field ${unknown}`);
  return bytesOfParts(target.of.map((each, index) => part(each, dynamic, document.get(fields[index]!) ?? null, lose)));
}

function part(target: CqlType, type: PortableType, value: PortableValue, lose: Lose): Buffer | null {
  return value === null ? null : toBytes(target, type, value, lose);
}
