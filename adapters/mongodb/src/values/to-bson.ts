import type { PortableDocument, PortableRange, PortableType, PortableValue } from '@polyshift/core';
import { isInt32, PolyshiftError, Tagged } from '@polyshift/core';
import { Binary, BSON, Double, Int32, Long, ObjectId } from 'mongodb';
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

const asText: Encoder = (value) => value;
const asDouble: Encoder = (value) => new Double(value as number);

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
      return asText;
    case 'int16':
    case 'int32':
      return (value) => new Int32(value as number);
    case 'int64':
      return (value) => Long.fromBigInt(value as bigint);
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
      const list: Encoder = (value, note) =>
        (value as PortableValue[]).map((each) =>
          each === null ? null : nested && Array.isArray(each) ? list(each, note) : element(each, note),
        );
      return list;
    }
    case 'range': {
      const bound = encoderOf(type.of);
      return (value, note) => encodeRange(value as PortableRange, bound, note);
    }
    case 'object_id':
      return (value) => new ObjectId(value as string);
    case 'document':
      return (value, note) => encodeDocument(value as PortableDocument, note);
    case 'dynamic':
      return encodeDynamic;
    case 'native':
      return (value) => encodeNative(type.name, value as string);
  }
}

/** A document whose values say their types themselves, as a Map that keeps the order and the names of its fields. */
export function encodeDocument(document: PortableDocument, note: NoteLoss): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [name, value] of document) result.set(name, encodeDynamic(value, note));
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
      return isInt32(value) ? new Int32(value) : new Double(value);
    case 'bigint':
      return encodeInteger(value, note);
  }
  if (value instanceof Tagged) return value.value === null ? null : encoderOf(value.type)(value.value, note);
  if (value instanceof Uint8Array) return new Binary(value, Binary.SUBTYPE_DEFAULT);
  if (Array.isArray(value)) return value.map((each) => encodeDynamic(each, note));
  if (value instanceof Map) return encodeDocument(value, note);
  return encodeRange(value, encodeDynamic, note);
}

function encodeInteger(value: bigint, note: NoteLoss): unknown {
  return BigInt.asIntN(64, value) === value ? Long.fromBigInt(value) : encodeDecimal(value.toString(), note);
}

function encodeDecimal(value: PortableValue, note: NoteLoss): unknown {
  const text = value as string;
  const decimal = toDecimal128(text);
  if (!decimal.exact) note('decimal_rounded', text, decimal.value.toString());
  return decimal.value;
}

function encodeInstant(value: PortableValue, note: NoteLoss): unknown {
  const text = value as string;
  if (text.length === 24 || text.length === 20 || text.length === 10) {
    // The common forms: at most three digits of a fraction, or a date. Four-digit years only, which Date reads exactly.
    const quick = Date.parse(text);
    if (!Number.isNaN(quick) && text.charCodeAt(4) === 45 && (text.length === 10 || text.endsWith('Z'))) return new Date(quick);
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
