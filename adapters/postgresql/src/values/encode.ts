import type { PortableRange, PortableType, PortableValue } from '@polyshift/core';
import type { PgType } from '../catalog/pg-types.ts';
import { toPortableType } from '../types.ts';
import { type ArrayText, parseArray, printArray } from './array-text.ts';
import { cannotConvert, type Lose, type TypedValue, typed, type ValueEncoder } from './conversion.ts';
import { jsonEncoder } from './encode-json.ts';
import { decimalEncoder, floatEncoder, integerEncoder } from './encode-number.ts';
import {
  bitsEncoder,
  booleanEncoder,
  bytesEncoder,
  enumEncoder,
  nativeEncoder,
  networkEncoder,
  textEncoder,
  uuidEncoder,
} from './encode-text.ts';
import { dateEncoder, intervalEncoder, timeEncoder, timestampEncoder } from './encode-time.ts';
import { printRange } from './range-text.ts';

/**
 * Compiles what writes values of one type into a column of the server. The text is what the server will give back on reading, so that a
 * written batch can be compared with the target. Throws CONVERSION_FAILED for a value that does not fit.
 */
export function encoderOf(
  target: { pgType: PgType; modifier: number },
  source: PortableType,
): (value: PortableValue, lose: Lose) => string {
  const encode = typeEncoder(target.pgType, target.modifier);
  return (value, lose) => encode(typed(source, value), lose);
}

function typeEncoder(type: PgType, modifier: number): ValueEncoder {
  switch (type.form) {
    case 'domain':
      return typeEncoder(type.of!, type.modifier);
    case 'array':
      return arrayEncoder(type, modifier);
    case 'range':
      return rangeEncoder(type);
    case 'enum':
      return enumEncoder(type.labels, type.native);
    case 'other':
      return nativeEncoder(type.native);
    default:
      return baseEncoder(type, modifier);
  }
}

function baseEncoder(type: PgType, modifier: number): ValueEncoder {
  const portable = toPortableType(type, modifier);
  switch (portable.kind) {
    case 'boolean':
      return booleanEncoder;
    case 'int16':
      return integerEncoder(16, type.native);
    case 'int32':
      return integerEncoder(32, type.native);
    case 'int64':
      return integerEncoder(64, type.native);
    case 'float32':
      return floatEncoder(true, type.native);
    case 'float64':
      return floatEncoder(false, type.native);
    case 'decimal':
      return decimalEncoder(portable.precision, portable.scale, type.native);
    case 'text': {
      // `char` without a length is char(1); a bpchar without modifier has no length at all.
      const maximum = type.name === 'name' ? undefined : portable.max_length;
      return textEncoder(maximum, type.name === 'bpchar', type.native);
    }
    case 'uuid':
      return uuidEncoder;
    case 'bytes':
      return bytesEncoder;
    case 'date':
      return dateEncoder;
    case 'time':
    case 'time_tz':
      return timeEncoder(portable.kind === 'time_tz', secondDigits(modifier));
    case 'timestamp':
    case 'timestamptz':
      return timestampEncoder(portable.kind === 'timestamptz', secondDigits(modifier));
    case 'interval':
      return intervalEncoder;
    case 'json':
      return jsonEncoder(type.name === 'jsonb');
    case 'network':
      return networkEncoder(type.name);
    case 'bits':
      return bitsEncoder(modifier >= 0 ? modifier : undefined, type.name === 'varbit');
    default:
      return nativeEncoder(type.native);
  }
}

function secondDigits(modifier: number): number {
  return modifier >= 0 ? modifier : 6;
}

function arrayEncoder(type: PgType, modifier: number): ValueEncoder {
  const element = type.of!;
  const encode = typeEncoder(element, modifier);
  return (source, lose) => {
    if (typeof source.value === 'string' && (source.type.kind === 'native' || parseArray(source.value, element.delimiter))) {
      return source.value;
    }
    if (!Array.isArray(source.value)) throw cannotConvert(source, type.native);
    const elements = elementsOf(source, encode, lose);
    if (shapeOf(elements) === undefined) throw cannotConvert(source, type.native, 'its inner arrays differ in length');
    return printArray(elements, element.delimiter);
  };
}

function elementsOf(source: TypedValue, encode: ValueEncoder, lose: Lose): ArrayText {
  const of: PortableType = source.type.kind === 'array' ? source.type.of : { kind: 'dynamic' };
  return (source.value as PortableValue[]).map((each) => {
    if (each === null) return null;
    // More dimensions are nested values of one array type.
    if (Array.isArray(each)) {
      return elementsOf({ type: of.kind === 'array' ? of : source.type, value: each }, encode, lose);
    }
    return encode(typed(of, each), lose);
  });
}

/** The lengths of the dimensions; undefined where inner arrays differ, which the server has no place for. */
function shapeOf(elements: ArrayText): string | undefined {
  const inner = elements.map((each) => (Array.isArray(each) ? shapeOf(each) : ''));
  if (inner.some((shape) => shape === undefined || shape !== inner[0])) return undefined;
  // An empty inner array would be lost: `{{}}` is the same as `{}`.
  if (elements.some((each) => Array.isArray(each) && each.length === 0)) return undefined;
  return `${elements.length},${inner[0] ?? ''}`;
}

function rangeEncoder(type: PgType): ValueEncoder {
  const encode = typeEncoder(type.of!, -1);
  return (source, lose) => {
    if (typeof source.value === 'string' && (source.type.kind === 'native' || source.type.kind === 'text')) return source.value;
    if (source.type.kind !== 'range' || source.value === null || typeof source.value !== 'object') {
      throw cannotConvert(source, type.native);
    }
    const range = source.value as PortableRange;
    const of = source.type.of;
    const bound = (value: PortableValue): string | null => (value === null ? null : encode(typed(of, value), lose));
    return printRange({ ...range, lower: bound(range.lower), upper: bound(range.upper) });
  };
}
