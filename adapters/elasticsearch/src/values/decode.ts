import {
  isInfinite,
  isInt32,
  type PortableDocument,
  type PortableRange,
  type PortableType,
  type PortableValue,
  parseTimestamp,
  Tagged,
  timestampText,
  toDynamic,
} from '@polyshift/core';
import { type JsonFields, type JsonNode, JsonNumber, nodeText } from '../json/node.ts';
import type { FieldTypes } from '../mapping/field-types.ts';

const int64Limit = 2n ** 63n;

/** The fields of a document as portable values. */
export function decodeFields(fields: JsonFields, types: FieldTypes): PortableDocument {
  return decodeInside(fields, types, '');
}

/** The value at a path of a document, by the mapping; null where it is null. What the mapping does not know says its type by itself. */
export function decodeAt(node: JsonNode, types: FieldTypes, path: string): PortableValue {
  if (node === null) return null;
  const type = types.get(path)?.portable;
  if (Array.isArray(node) && type?.kind !== 'json') {
    if (type?.kind !== 'array') return node.map((each) => decodeAt(each, types, path));
    return node.map((each) =>
      each === null ? null : (decodeScalar(each, Array.isArray(each) ? type : type.of, types, path) as PortableValue),
    );
  }
  return decodeScalar(node, type?.kind === 'array' ? type.of : type, types, path);
}

function decodeInside(fields: JsonFields, types: FieldTypes, prefix: string): PortableDocument {
  const document: PortableDocument = new Map();
  for (const [name, node] of fields) document.set(name, decodeAt(node, types, prefix + name));
  return document;
}

function decodeScalar(node: JsonNode, type: PortableType | undefined, types: FieldTypes, path: string): PortableValue {
  if (node === null) return null;
  if (type?.kind === 'json') return new Tagged(type, nodeText(node));
  if (Array.isArray(node)) return node.map((each) => decodeScalar(each, type?.kind === 'array' ? type.of : type, types, path));
  if (node instanceof Map) return (type?.kind === 'range' && rangeOf(node, type)) || decodeInside(node, types, `${path}.`);
  if (node instanceof JsonNumber) return numberOf(node.text, type);
  if (typeof node === 'boolean' || !type) return node;
  return textOf(node, type);
}

/** A number by the type of its field, or by its digits: what no float64 holds digit by digit is a decimal. */
function numberOf(text: string, type: PortableType | undefined): PortableValue {
  if (type?.kind === 'decimal') return new Tagged(type, plainDigits(text));
  if ((type?.kind === 'timestamptz' || type?.kind === 'timestamp') && /^-?\d{1,16}$/.test(text)) {
    return new Tagged(type, timestampText(BigInt(text) * 1000n, type.kind === 'timestamptz' ? 'Z' : ''));
  }
  if (/^-?\d+$/.test(text) && text !== '-0') {
    const integer = BigInt(text);
    if (type?.kind === 'float32' || type?.kind === 'float64') {
      const float = Number(text);
      if (BigInt(float) === integer) return new Tagged(type, float);
    }
    if (integer >= int64Limit || integer < -int64Limit) return new Tagged({ kind: 'decimal' }, text);
    const small = Number(integer);
    return isInt32(small) && type?.kind !== 'int64' ? small : integer;
  }
  const float = Number(text);
  if (!Number.isFinite(float) || !sameNumber(text, float)) return new Tagged({ kind: 'decimal' }, plainDigits(text));
  return toDynamic(type?.kind === 'float32' ? type : { kind: 'float64' }, float);
}

/** Whether a float is the number that the text names, not only the nearest to it. */
function sameNumber(text: string, float: number): boolean {
  const digits = (each: string): string =>
    plainDigits(each)
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
      .replace(/^-0$/, '0');
  return digits(text) === digits(String(float));
}

/** Digits without an exponent. */
function plainDigits(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent] = match ?? [];
  if (!match || exponent === undefined) return text;
  const shift = Number(exponent);
  const all = whole + fraction;
  const point = whole.length + shift;
  if (point >= all.length) return `${sign}${all.padEnd(point, '0').replace(/^0+(?=\d)/, '')}`;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`;
  return `${sign}${all.slice(0, point).replace(/^0+(?=\d)/, '')}.${all.slice(point)}`;
}

/** A text by the type of its field; one that is no value of the type stays a text. */
function textOf(text: string, type: PortableType): PortableValue {
  switch (type.kind) {
    case 'text':
    case 'enum':
    case 'dynamic':
    case 'document':
    case 'range':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
      return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? numberOf(text, type) : text;
    case 'decimal':
      return /^(?:-?\d+(?:\.\d+)?|NaN|-?Infinity)$/.test(text) ? new Tagged(type, text) : text;
    case 'bytes': {
      const bytes = Buffer.from(text, 'base64');
      return bytes.toString('base64') === text ? new Uint8Array(bytes) : text;
    }
    case 'timestamp':
    case 'timestamptz':
      return timeOf(text, type);
    default:
      return matches(text, type) ? new Tagged(type, text) : text;
  }
}

function timeOf(text: string, type: PortableType): PortableValue {
  if (isInfinite(text)) return new Tagged(type, text);
  try {
    return new Tagged(type, timestampText(parseTimestamp(text).micros, type.kind === 'timestamptz' ? 'Z' : ''));
  } catch {
    // In a format of the field's own, which only Elasticsearch knows.
    return text;
  }
}

const patterns: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
  date: /^(?:(?:[+-]\d{6}|\d{4,6})-\d\d-\d\d|-?infinity)$/,
  time: /^\d\d:\d\d:\d\d(?:\.\d{1,6})?$/,
  time_tz: /^\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d:\d\d/,
  interval: /^-?P/,
  bits: /^[01]*$/,
  object_id: /^[0-9a-f]{24}$/,
  network: /^[0-9a-fA-F:.]+(?:\/\d{1,3})?$/,
};

function matches(text: string, type: PortableType): boolean {
  return patterns[type.kind]?.test(text) ?? type.kind === 'native';
}

const bounds = new Set(['gt', 'gte', 'lt', 'lte']);

function rangeOf(node: JsonFields, type: Extract<PortableType, { kind: 'range' }>): PortableValue | undefined {
  if (![...node.keys()].every((name) => bounds.has(name))) return undefined;
  const bound = (name: string): PortableValue => {
    const value = node.get(name);
    if (value === undefined) return null;
    const decoded = decodeScalar(value, type.of, new Map(), '');
    return decoded instanceof Tagged && decoded.type.kind === type.of.kind ? decoded.value : decoded;
  };
  const range: PortableRange = {
    empty: false,
    lower: bound(node.has('gte') ? 'gte' : 'gt'),
    upper: bound(node.has('lte') ? 'lte' : 'lt'),
    lower_inclusive: node.get('gte') !== undefined && node.get('gte') !== null,
    upper_inclusive: node.get('lte') !== undefined && node.get('lte') !== null,
  };
  return new Tagged(type, range);
}
