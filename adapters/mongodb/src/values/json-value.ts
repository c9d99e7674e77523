import type { JsonValue } from '@polyshift/core';
import { BSON, Double, Int32, Long } from 'mongodb';

/** The keys of Extended JSON; an object with one of them (and what belongs to it) is a value, not a document. */
const extended = new Set([
  '$oid',
  '$date',
  '$numberInt',
  '$numberLong',
  '$numberDouble',
  '$numberDecimal',
  '$binary',
  '$uuid',
  '$timestamp',
  '$regularExpression',
  '$minKey',
  '$maxKey',
  '$code',
  '$symbol',
]);

/**
 * A value of an operation as a BSON value: Extended JSON like `{"$date": ...}` is read, integers become Int32 or Long, other numbers Double.
 * Objects become Maps, so that field names like `__proto__` and `$set` are data in their order.
 */
export function jsonToBson(value: JsonValue): unknown {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || Object.is(value, -0)) return new Double(value);
    if (value >= -2147483648 && value <= 2147483647) return new Int32(value);
    return Number.isSafeInteger(value) ? Long.fromNumber(value) : new Double(value);
  }
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(jsonToBson);
  const keys = Object.keys(value);
  if (keys.some((key) => extended.has(key)) && keys.every((key) => extended.has(key) || key === '$scope')) {
    return (BSON.EJSON.deserialize({ value }, { relaxed: false }) as { value: unknown }).value;
  }
  return new Map(keys.map((key) => [key, jsonToBson(value[key]!)]));
}

/**
 * A filter, expression, pipeline or validator of an operation as the driver sends it: objects stay objects, in which `$` has its meaning; Extended
 * JSON values are read.
 */
export function jsonToCommand(value: JsonValue): unknown {
  if (typeof value === 'number') return jsonToBson(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(jsonToCommand);
  const keys = Object.keys(value);
  if (keys.length > 0 && keys.every((key) => extended.has(key) || key === '$scope')) return jsonToBson(value);
  return new Map(keys.map((key) => [key, jsonToCommand(value[key]!)]));
}
