import { ConversionError, castValue, type PortableDocument, type PortableType, type PortableValue } from '@polyshift/core';
import type { CqlType } from './cql-type.ts';
import type { Lose } from './losses.ts';
import { compareValues } from './order.ts';
import { bytesOfParts, bytesOfVector } from './parts.ts';

const dynamic: PortableType = { kind: 'dynamic' };

/** Types of CQL whose values can be made of an array. */
const collections: ReadonlySet<string> = new Set(['list', 'set', 'vector', 'tuple', 'text', 'ascii']);

/** Encodes one part of a collection: it may be a collection itself. */
export type EncodePart = (target: CqlType, type: PortableType, value: PortableValue, lose: Lose) => Buffer;

/** The bytes, in the order that the store gives the parts of sets and maps back, of a value in a collection, tuple, vector or user-defined type. */
export function collectionBytes(
  target: CqlType,
  type: PortableType,
  value: PortableValue,
  lose: Lose,
  encode: EncodePart,
): Buffer {
  if (target.name === 'map' || target.name === 'udt') {
    const document = castValue(type, value, { kind: 'document' }) as PortableDocument;
    return target.name === 'map' ? mapBytes(target, document, lose, encode) : udtBytes(target, document, lose, encode);
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
      target.of.map((each, index) => {
        const element = elements[index] ?? null;
        return element === null ? null : encode(each, ofElement(element), element, lose);
      }),
    );
  }
  const isFlat = !collections.has(target.of[0]!.name);
  const flat = isFlat ? flattened(elements) : elements;
  if (isFlat && elements.some(Array.isArray)) lose('dimensions', `${elements.length} arrays`, `one list of ${flat.length}`);
  const written: Buffer[] = [];
  for (const element of flat) {
    if (element === null) lose('null_elements', 'null', 'nothing');
    else written.push(encode(target.of[0]!, isFlat ? of : ofElement(element), element, lose));
  }
  if (target.name === 'list') return bytesOfParts(written, written.length);
  if (target.name === 'vector') {
    if (written.length !== target.dimension)
      throw new ConversionError(`${target.text} takes ${target.dimension} values, not ${written.length}`);
    return bytesOfVector(target, written);
  }
  const distinct = new Map(written.map((bytes) => [bytes.toString('base64'), bytes]));
  if (distinct.size < written.length) lose('duplicate_elements', `${written.length} elements`, `${distinct.size} elements`);
  const sorted = [...distinct.values()].sort((left, right) => compareValues(target.of[0]!, left, right));
  return bytesOfParts(sorted, sorted.length);
}

/** The elements of an array of any number of dimensions, one behind the other. */
function flattened(elements: readonly PortableValue[]): PortableValue[] {
  return elements.flatMap((element) => (Array.isArray(element) ? flattened(element) : [element]));
}

function mapBytes(target: CqlType, document: PortableDocument, lose: Lose, encode: EncodePart): Buffer {
  const entries: [Buffer, Buffer][] = [];
  for (const [name, value] of document) {
    if (value === null) lose('null_elements', `${name}: null`, 'nothing');
    else entries.push([encode(target.of[0]!, { kind: 'text' }, name, lose), encode(target.of[1]!, dynamic, value, lose)]);
  }
  entries.sort(([left], [right]) => compareValues(target.of[0]!, left, right));
  return bytesOfParts(entries.flat(), entries.length);
}

function udtBytes(target: CqlType, document: PortableDocument, lose: Lose, encode: EncodePart): Buffer {
  const { name, fields } = target.udt!;
  const unknown = [...document.keys()].find((field) => !fields.includes(field));
  if (unknown !== undefined) throw new ConversionError(`the type ${name} has no field ${unknown}`);
  return bytesOfParts(
    target.of.map((each, index) => {
      const value = document.get(fields[index]!) ?? null;
      return value === null ? null : encode(each, dynamic, value, lose);
    }),
  );
}
