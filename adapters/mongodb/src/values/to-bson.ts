import type { PortableDocument, PortableRange, PortableType, PortableValue } from '@polyshift/core';
import { isInt32, PolyshiftError, Tagged } from '@polyshift/core';
import { Binary, BSON, Double, ObjectId } from 'mongodb';
import { fromJson } from '../bson/json.ts';
import type { LossName } from '../types.ts';
import { toDecimal128 } from './decimal.ts';
import { instantText, parseInstant } from './instant.ts';
import { type JsonLosses, parseJsonText } from './json-text.ts';

/** Is told of each value that BSON cannot hold exactly. */
export type NoteLoss = (loss: LossName, from: string, to: string) => void;

/** Turns a portable value that is not null into a BSON value that the driver writes. */
export type Encoder = (value: PortableValue, note: NoteLoss) => unknown;

/** The last millisecond, in either direction, that JavaScript's dates (and with them this driver) hold. */
const maxMilliseconds = 8_640_000_000_000_000n;

const asItIs: Encoder = (value) => value;
/** The driver writes an integral number as an int: only those need to be told apart. */
const asDouble: Encoder = (value) => (Number.isInteger(value) ? new Double(value as number) : value);

/** The encoder of a column of a type: compiled once, called for each value. */
export function encoderOf(type: PortableType): Encoder {
  switch (type.kind) {
    case 'boolean':
    case 'text':
    case 'enum':
    case 'network':
    case 'time':
    case 'time_tz':
    case 'interval':
    case 'bits':
    // The driver writes an integral number as int, and a bigint as long.
    case 'int16':
    case 'int32':
      return asItIs;
    case 'int64':
      return encodeInteger;
    case 'float32':
    case 'float64':
      return asDouble;
    case 'decimal':
      return encodeDecimal;
    case 'uuid':
      return (value) => new Binary(Buffer.from((value as string).replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID);
    case 'bytes':
      return (value) => new Binary(value as Uint8Array, Binary.SUBTYPE_DEFAULT);
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return encodeInstant;
    case 'json':
      return encodeJson;
    case 'array': {
      const element = encoderOf(type.of);
      const nested = type.of.kind !== 'array' && type.of.kind !== 'dynamic';
      const list: Encoder = (value, note) => {
        if (value instanceof Tagged) return encodeArrayText(value, note);
        return (value as PortableValue[]).map((each) =>
          each === null ? null : nested && Array.isArray(each) ? list(each, note) : element(each, note),
        );
      };
      return list;
    }
    case 'range': {
      const bound = encoderOf(type.of);
      return (value, note) => encodeRange(value as PortableRange, bound, note);
    }
    case 'object_id':
      return (value) => new ObjectId(value as string);
    case 'document':
      return (value, note) => encodeDocument(value as PortableDocument, () => note);
    case 'dynamic':
      return encodeDynamic;
    case 'native':
      return (value) => encodeNative(type.name, value as string);
  }
}

/** A document whose values say their types themselves, as a Map that keeps the order and the names of its fields; losses are noted by field. */
export function encodeDocument(document: PortableDocument, noteOf: (field: string) => NoteLoss): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [name, value] of document) result.set(name, encodeDynamic(value, noteOf(name)));
  return result;
}

/** A value that says its type itself. */
export function encodeDynamic(value: PortableValue, note: NoteLoss): unknown {
  if (value === null) return null;
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      return isInt32(value) ? value : new Double(value);
    case 'bigint':
      return encodeInteger(value, note);
  }
  if (value instanceof Tagged) return value.value === null ? null : encoderOf(value.type)(value.value, note);
  if (value instanceof Uint8Array) return new Binary(value, Binary.SUBTYPE_DEFAULT);
  if (Array.isArray(value)) return value.map((each) => encodeDynamic(each, note));
  if (value instanceof Map) return encodeDocument(value, () => note);
  return encodeRange(value, encodeDynamic, note);
}

function encodeInteger(value: PortableValue, note: NoteLoss): unknown {
  return BigInt.asIntN(64, value as bigint) === value ? value : encodeDecimal(String(value), note);
}

function encodeDecimal(value: PortableValue, note: NoteLoss): unknown {
  const text = value as string;
  const decimal = toDecimal128(text);
  if (!decimal.exact) note('decimal_rounded', text, decimal.value.toString());
  return decimal.value;
}

function encodeInstant(value: PortableValue, note: NoteLoss): unknown {
  const text = value as string;
  // The common forms, years of four digits, without the arithmetic of wide years.
  if (text.charCodeAt(4) === 45 && text.charCodeAt(0) !== 45) {
    const quick = text.length === 10 ? text : `${text.slice(0, text.endsWith('Z') ? -1 : undefined).slice(0, 23)}Z`;
    const milliseconds = Date.parse(quick);
    const micros = text.length > 23 ? Number(text.slice(23, 26).replace('Z', '').padEnd(3, '0')) : 0;
    if (!Number.isNaN(milliseconds)) {
      if (micros !== 0) note('microseconds_to_milliseconds', text, new Date(milliseconds).toISOString());
      return new Date(milliseconds);
    }
  }
  const instant = parseInstant(text);
  if (!instant) {
    if (text === 'infinity' || text === '-infinity') {
      note('infinite_timestamp', text, text);
      return text;
    }
    throw new PolyshiftError('CONVERSION_FAILED', `${JSON.stringify(text)} is no date or time`);
  }
  const { milliseconds, microseconds } = instant;
  if (milliseconds > maxMilliseconds || milliseconds < -maxMilliseconds) {
    note('date_out_of_range', text, text);
    return text;
  }
  if (microseconds !== 0) note('microseconds_to_milliseconds', text, instantText(milliseconds));
  return new Date(Number(milliseconds));
}

function encodeJson(value: PortableValue, note: NoteLoss): unknown {
  const text = value as string;
  const lost: JsonLosses = { duplicateKeys: 0, rounded: 0 };
  let result: unknown;
  try {
    result = parseJsonText(text, lost);
  } catch (cause) {
    throw new PolyshiftError('CONVERSION_FAILED', `not valid JSON text: ${(cause as Error).message}`, { cause });
  }
  if (result === null) note('json_null', text, 'null');
  if (lost.duplicateKeys > 0) note('duplicate_json_keys', text, BSON.EJSON.stringify(result as never));
  if (lost.rounded > 0) note('decimal_rounded', text, BSON.EJSON.stringify(result as never));
  return result;
}

/** An array that the source could give as its own text alone: one whose indexes do not begin at 1. */
function encodeArrayText(value: Tagged, note: NoteLoss): unknown {
  const text = String(value.value);
  note('array_bounds', text, text);
  return text;
}

function encodeRange(range: PortableRange, bound: Encoder, note: NoteLoss): Map<string, unknown> {
  if (range.empty) return new Map([['empty', true]]);
  return new Map<string, unknown>([
    ['lower', range.lower === null ? null : bound(range.lower, note)],
    ['upper', range.upper === null ? null : bound(range.upper, note)],
    ['lower_inclusive', range.lower_inclusive],
    ['upper_inclusive', range.upper_inclusive],
  ]);
}

const ownNatives = new Set(['binData', 'regex', 'javascript', 'symbol', 'javascriptWithScope', 'timestamp', 'minKey', 'maxKey']);

/** A type that only MongoDB has comes as Extended JSON; any other store's type is kept as its text. */
function encodeNative(name: string, text: string): unknown {
  if (!ownNatives.has(name)) return text;
  try {
    const value = JSON.parse(text) as Record<string, never>;
    return typeof value === 'object' && value !== null ? fromJson(value) : text;
  } catch {
    // PostgreSQL has types of such names too (timestamp is not one of them, but an extension may bring any): its text stays text.
    return text;
  }
}
