import { ConversionError } from './conversion-error.ts';
import type { PortableType } from './portable-type.ts';
import { dynamicType, isInt32, type PortableRange, type PortableValue, Tagged } from './portable-value.ts';

/**
 * What a user's function is given: null, boolean, number (int16, int32, floats), bigint (int64), string (texts, decimals, dates and times
 * in ISO 8601 with all their digits, uuids, ...), Uint8Array, arrays, plain objects (documents, parsed JSON, ranges).
 */
export function plainOf(type: PortableType, value: PortableValue): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Tagged) return plainOf(value.type, value.value);
  switch (type.kind) {
    case 'json':
      return JSON.parse(value as string);
    case 'array':
      return (value as PortableValue[]).map((element) =>
        plainOf(Array.isArray(element) && type.of.kind !== 'array' ? type : type.of, element),
      );
    case 'range': {
      const range = value as PortableRange;
      return { ...range, lower: plainOf(type.of, range.lower), upper: plainOf(type.of, range.upper) };
    }
    case 'document':
      return Object.fromEntries(
        [...(value as Map<string, PortableValue>)].map(([name, inner]) => [name, plainOf({ kind: 'dynamic' }, inner)]),
      );
    case 'dynamic': {
      const own = dynamicType(value);
      return own === undefined ? null : plainOf(own, value);
    }
    default:
      return value;
  }
}

/**
 * What a user's function, a literal or parsed JSON stands for, as a dynamic value. Date becomes a timestamptz; a whole number an
 * int32 or, beyond its range, an int64; any other number a float64. Throws ConversionError for functions, symbols and objects of a class.
 */
export function dynamicOfPlain(value: unknown): PortableValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'bigint':
      if (value < -(2n ** 63n) || value >= 2n ** 63n) return new Tagged({ kind: 'decimal' }, value.toString());
      return value;
    case 'number':
      return isInt32(value) || !Number.isSafeInteger(value) || Object.is(value, -0) ? value : BigInt(value);
  }
  if (value instanceof Tagged || value instanceof Uint8Array) return value;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new ConversionError('an invalid Date');
    return new Tagged({ kind: 'timestamptz' }, value.toISOString().replace(/\.?0+Z$/, 'Z'));
  }
  if (Array.isArray(value)) return value.map(dynamicOfPlain);
  if (value instanceof Map) return new Map([...value].map(([name, inner]) => [String(name), dynamicOfPlain(inner)]));
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    return new Map(
      Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[name, dynamicOfPlain(inner)]])),
    );
  }
  throw new ConversionError(`a value of type ${typeof value} cannot be kept in a store`);
}
