import {
  ConversionError,
  castValue,
  compareDecimals,
  digitsOf,
  isInfinite,
  jsonOf,
  type PortableType,
  type PortableValue,
  parseDecimal,
  parseTimestamp,
  scalarText,
  shortened,
  Tagged,
} from '@polyshift/core';
import { types } from 'cassandra-driver';
import { daysOfDate, nanosOfTime } from './calendar.ts';
import { collectionBytes } from './collection-bytes.ts';
import type { CqlType } from './cql-type.ts';
import { durationBytes } from './duration.ts';
import { varintBytes } from './integer-bytes.ts';
import { jsonText } from './json-text.ts';
import type { Lose } from './losses.ts';
import { portableOf } from './portable-of.ts';

/**
 * The bytes of a portable value that is not null in a type of CQL, converted where it is of another type. Throws ConversionError where the
 * type cannot hold it; what is lost otherwise is told to `lose`.
 */
export function toBytes(target: CqlType, type: PortableType, value: PortableValue, lose: Lose): Buffer {
  if (value instanceof Tagged) return toBytes(target, value.type, value.value, lose);
  switch (target.name) {
    case 'text':
    case 'ascii':
      return textBytes(target, type, value, lose);
    case 'list':
    case 'set':
    case 'vector':
    case 'tuple':
    case 'map':
    case 'udt':
      return collectionBytes(target, type, value, lose, toBytes);
    case 'counter':
      throw new ConversionError('a counter is changed by adding to it, and cannot be written');
    case 'custom':
      if (type.kind === 'native' && type.name === target.text) return Buffer.from(value as string, 'base64');
      throw new ConversionError(`a value of the type ${target.text} can come from the same type alone`);
    default:
      return scalarBytes(target.name, type, value, castValue(type, value, portableOf(target)), lose);
  }
}

function textBytes(target: CqlType, type: PortableType, value: PortableValue, lose: Lose): Buffer {
  const text = textFor(type, value, lose);
  if (target.name === 'ascii' && /[^\p{ASCII}]/u.test(text)) throw new ConversionError(`"${shortened(text)}" is not ASCII`);
  return Buffer.from(text, 'utf8');
}

/** The text of a scalar; JSON for what has parts. */
function textFor(type: PortableType, value: PortableValue, lose: Lose): string {
  switch (type.kind) {
    case 'json':
      return value as string;
    case 'range':
      return JSON.stringify(jsonOf(type, value));
    case 'dynamic':
      return typeof value === 'string' ? value : jsonText(type, value, lose);
    default:
      return scalarText(type, value) ?? jsonText(type, value, lose);
  }
}

function scalarBytes(name: string, type: PortableType, value: PortableValue, cast: PortableValue, lose: Lose): Buffer {
  switch (name) {
    case 'boolean':
      return Buffer.from([cast ? 1 : 0]);
    case 'tinyint':
      if ((cast as number) < -128 || (cast as number) > 127) throw new ConversionError(`${cast} is beyond the range of tinyint`);
      return sized(1, (bytes) => bytes.writeInt8(cast as number));
    case 'smallint':
      return sized(2, (bytes) => bytes.writeInt16BE(cast as number));
    case 'int':
      return sized(4, (bytes) => bytes.writeInt32BE(cast as number));
    case 'bigint':
      return sized(8, (bytes) => bytes.writeBigInt64BE(cast as bigint));
    case 'float':
    case 'double':
      tellRounding(type, value, cast as number, lose);
      return sized(name === 'float' ? 4 : 8, (bytes) =>
        name === 'float' ? bytes.writeFloatBE(cast as number) : bytes.writeDoubleBE(cast as number),
      );
    case 'varint':
    case 'decimal':
      return decimalBytes(name, cast as string);
    case 'blob':
      return Buffer.from(cast as Uint8Array);
    case 'uuid':
    case 'timeuuid':
      return uuidBytes(name, cast as string);
    case 'inet':
      return inetBytes(cast as string);
    case 'date':
      return sized(4, (bytes) => bytes.writeUInt32BE(inDateRange(daysOfDate(cast as string)) + 2 ** 31));
    case 'time':
      return sized(8, (bytes) => bytes.writeBigInt64BE(nanosOfTime(cast as string)));
    case 'timestamp':
      return timestampBytes(cast as string, lose);
    case 'duration':
      return durationBytes(cast as string);
    default:
      throw new ConversionError(`there is no way to write a value of the type ${name}`);
  }
}

/** An integer or decimal may have more digits than a float holds. */
function tellRounding(type: PortableType, value: PortableValue, cast: number, lose: Lose): void {
  if (typeof value === 'number' && Object.is(value, cast)) return;
  const before = digitsOf(type, value);
  const after = digitsOf({ kind: 'float64' }, cast);
  if (compareDecimals(before, after) !== 0) lose('float_rounded', before, after);
}

function decimalBytes(name: string, text: string): Buffer {
  if (!/^-?[\d.]+$/.test(text)) throw new ConversionError(`a ${name} of Cassandra has digits, and no ${text}`);
  const { unscaled, scale } = parseDecimal(text);
  if (name === 'decimal') return Buffer.concat([sized(4, (bytes) => bytes.writeInt32BE(scale)), varintBytes(unscaled)]);
  const unit = 10n ** BigInt(scale);
  if (unscaled % unit !== 0n) throw new ConversionError(`${text} is not an integer; round it first`);
  return varintBytes(unscaled / unit);
}

function uuidBytes(name: string, text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  if (name === 'timeuuid' && bytes[6]! >> 4 !== 1) throw new ConversionError(`${text} is a uuid without a time, no timeuuid`);
  return bytes;
}

function inetBytes(text: string): Buffer {
  try {
    return types.InetAddress.fromString(text).getBuffer();
  } catch {
    throw new ConversionError(`"${shortened(text)}" is not the address of one host`);
  }
}

function inDateRange(days: number): number {
  if (days < -(2 ** 31) || days >= 2 ** 31) throw new ConversionError('a date beyond the years that Cassandra holds');
  return days;
}

function timestampBytes(text: string, lose: Lose): Buffer {
  if (isInfinite(text)) throw new ConversionError(`a timestamp of Cassandra is a point in time, and no ${text}`);
  const { micros } = parseTimestamp(text);
  const beyond = ((micros % 1000n) + 1000n) % 1000n;
  const milliseconds = (micros - beyond) / 1000n;
  if (beyond !== 0n) lose('microseconds_to_milliseconds', text, new Date(Number(milliseconds)).toISOString());
  return sized(8, (bytes) => bytes.writeBigInt64BE(milliseconds));
}

function sized(length: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  fill(bytes);
  return bytes;
}
