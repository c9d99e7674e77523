import { createHash } from 'node:crypto';
import {
  ConversionError,
  castValue,
  dynamicOfPlain,
  dynamicType,
  type JsonValue,
  jsonOf,
  type PortableType,
  type PortableValue,
  parseJson,
  scalarText,
  toDynamic,
} from '@polyshift/core';
import { type Argument, type BuiltInFunction, literal, textType } from './function.ts';

const dynamic: PortableType = { kind: 'dynamic' };

/** The name of an argument inside `pack`: the last part of its path. */
function fieldName(argument: Argument): string {
  if (argument.kind !== 'field') throw new ConversionError('pack takes names of fields; a literal has no name');
  return argument.name.split('.').at(-1)!;
}

function elementType(argument: Argument | undefined): PortableType {
  return argument?.type.kind === 'array' ? argument.type.of : dynamic;
}

/** The elements of an array, or of JSON text that holds one. */
function elementsOf(type: PortableType, value: PortableValue): readonly PortableValue[] {
  if (type.kind === 'array') return value as PortableValue[];
  const parsed = dynamicOfPlain(parseJson(value as string));
  if (!Array.isArray(parsed)) throw new ConversionError('the JSON is not an array');
  return parsed;
}

/** The value at a dotted path in parsed JSON or a document; array elements by their index. Undefined where it is missing. */
export function valueAt(value: PortableValue | undefined, path: readonly string[]): PortableValue | undefined {
  return path.reduce<PortableValue | undefined>((inner, part) => {
    if (inner instanceof Map) return inner.get(part);
    if (Array.isArray(inner)) return /^\d+$/.test(part) ? inner[Number(part)] : undefined;
    return undefined;
  }, value);
}

/** A value of a JSON kind as documents, arrays and dynamic values. */
export function structureOf(type: PortableType, value: PortableValue): PortableValue {
  return type.kind === 'json' || type.kind === 'text' ? dynamicOfPlain(parseJson(value as string)) : toDynamic(type, value);
}

function element(summary: string, at: 0 | -1, result: string): BuiltInFunction {
  return {
    summary,
    parameters: [{ name: 'array', accepts: 'array or JSON', summary: 'the array' }],
    result: 'the type of the elements',
    nulls: 'null',
    example: { args: [['a', 'b']], result },
    bind: ([array]) => ({
      type: elementType(array),
      call: ([value]) => elementsOf(array!.type, value as PortableValue).at(at) ?? null,
    }),
  };
}

/** Functions on documents, arrays and JSON, and digests. */
export const structureFunctions = {
  pack: {
    summary: 'An object of the arguments by their names; a missing field is left out, null stays null.',
    parameters: [{ name: 'field', accepts: 'any', summary: 'the name of a field', repeated: true }],
    result: 'document',
    type: { kind: 'document' },
    nulls: 'passed',
    example: { args: [{ $field: { city: 'Bonn' } }, { $field: { zip: null } }], result: { city: 'Bonn', zip: null } },
    bind: (args) => {
      const names = args.map(fieldName);
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice) throw new ConversionError(`two arguments have the name "${twice}"`);
      const types = args.map((argument) => argument.type);
      return {
        type: { kind: 'document' },
        call: (values) => {
          const document = new Map<string, PortableValue>();
          for (let index = 0; index < names.length; index++) {
            const value = values[index];
            if (value !== undefined) document.set(names[index]!, toDynamic(types[index]!, value));
          }
          return document;
        },
      };
    },
  },
  array: {
    summary: 'An array of the arguments, nulls included.',
    parameters: [{ name: 'element', accepts: 'any', summary: 'an element', repeated: true }],
    result: 'array of the common type, else of dynamic',
    nulls: 'passed',
    example: { args: ['a', 'b'], result: ['a', 'b'] },
    bind: (args) => {
      const first = args[0]!.type;
      const same = args.every((argument) => JSON.stringify(argument.type) === JSON.stringify(first));
      return {
        type: { kind: 'array', of: same ? first : dynamic },
        call: (values) =>
          values.map((value, index) =>
            value === undefined || value === null ? null : same ? value : toDynamic(args[index]!.type, value),
          ),
      };
    },
  },
  first: element('The first element of an array; null where it is empty.', 0, 'a'),
  last: element('The last element of an array; null where it is empty.', -1, 'b'),
  json_parse: {
    summary: 'Parses JSON text into documents, arrays and scalars.',
    parameters: [{ name: 'json', accepts: 'json', summary: 'the text' }],
    result: 'dynamic',
    nulls: 'null',
    example: { args: ['{"a": [1, 2]}'], result: { a: [1, 2] } },
    bind: ([json]) => ({ type: dynamic, call: ([value]) => structureOf(json!.type, value as PortableValue) }),
  },
  json_get: {
    summary: 'The value at a dotted path in JSON or a document (`address.city`, `tags.0`); null where it is missing.',
    parameters: [
      { name: 'json', accepts: 'json', summary: 'JSON text, a document or an array' },
      { name: 'path', accepts: 'text', summary: 'the path', literal: true },
    ],
    result: 'dynamic',
    nulls: 'null',
    example: { args: ['{"a": {"b": 5}}', 'a.b'], result: 5 },
    bind: (args) => {
      const path = String(literal(args, 1)).split('.');
      return { type: dynamic, call: ([value]) => valueAt(structureOf(args[0]!.type, value as PortableValue), path) ?? null };
    },
  },
  hash: {
    summary: 'The digest of the value (texts in UTF-8, other scalars in their text form) as hexadecimal digits.',
    parameters: [
      { name: 'value', accepts: 'any', summary: 'the value' },
      { name: 'algorithm', accepts: 'text', summary: 'sha256 or md5; sha256 where missing', literal: true, optional: true },
    ],
    result: 'text',
    type: textType,
    nulls: 'null',
    example: { args: ['abc', 'md5'], result: '900150983cd24fb0d6963f7d28e17f72' },
    bind: (args) => {
      const algorithm = literal(args, 1) ?? 'sha256';
      if (algorithm !== 'sha256' && algorithm !== 'md5')
        throw new ConversionError(`the algorithm is sha256 or md5, not "${String(algorithm)}"`);
      const { type } = args[0]!;
      return {
        type: textType,
        call: ([value]) => {
          const content = value instanceof Uint8Array ? value : textForm(type, value as PortableValue);
          return createHash(algorithm).update(content).digest('hex');
        },
      };
    },
  },
  uuid_v5: {
    summary: 'A UUID made from a name, the same each time: version 5 of RFC 9562.',
    parameters: [
      { name: 'name', accepts: 'any', summary: 'the name; scalars in their text form' },
      { name: 'namespace', accepts: 'text', summary: 'the UUID of the namespace', literal: true },
    ],
    result: 'uuid',
    type: { kind: 'uuid' },
    nulls: 'null',
    example: {
      args: ['www.example.com', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
      result: '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    },
    bind: (args) => {
      const uuid: PortableType = { kind: 'uuid' };
      const namespace = castValue(textType, literal(args, 1) ?? null, uuid) as string;
      const prefix = Buffer.from(namespace.replaceAll('-', ''), 'hex');
      return {
        type: uuid,
        call: ([name]) => {
          const bytes = createHash('sha1')
            .update(prefix)
            .update(textForm(args[0]!.type, name as PortableValue))
            .digest()
            .subarray(0, 16);
          bytes[6] = (bytes[6]! & 0x0f) | 0x50;
          bytes[8] = (bytes[8]! & 0x3f) | 0x80;
          return castValue(textType, bytes.toString('hex'), uuid);
        },
      };
    },
  },
} as const satisfies Record<string, BuiltInFunction>;

function textForm(type: PortableType, value: PortableValue): string {
  const own = type.kind === 'dynamic' ? dynamicType(value) : type;
  return own === undefined ? '' : (scalarText(own, value) ?? JSON.stringify(jsonOf(own, value) as JsonValue));
}
