import {
  ConversionError,
  type PortableDocument,
  type PortableValue,
  scalarText,
  timestampText,
  toDynamic,
} from '@polyshift/core';
import { types } from 'cassandra-driver';
import { dateOfDays, timeOfNanos } from './calendar.ts';
import type { CqlType } from './cql-type.ts';
import { durationText } from './duration.ts';
import { varintOf } from './integer-bytes.ts';
import { elementsOfVector, partsOf } from './parts.ts';
import { portableOf } from './portable-of.ts';

/** Digits that a decimal is written out with, at most: an exponent alone can ask for two thousand million. */
const mostDigits = 100_000;

/** The portable value of the bytes of a type (see portableOf). Throws ConversionError for what has no portable form. */
export function fromBytes(type: CqlType, bytes: Buffer): PortableValue {
  switch (type.name) {
    case 'ascii':
    case 'text':
      return bytes.toString('utf8');
    case 'blob':
      return new Uint8Array(bytes);
    case 'list':
    case 'set':
      return partsOf(bytes, true).map((part) => (part === null ? null : fromBytes(type.of[0]!, part)));
    case 'vector':
      return elementsOfVector(type, bytes).map((part) => fromBytes(type.of[0]!, part));
    case 'tuple':
      return partsOf(bytes, false).map((part, index) => dynamicPart(type.of[index]!, part));
    case 'map':
      return mapDocument(type, bytes);
    case 'udt':
      return new Map(partsOf(bytes, false).map((part, index) => [type.udt!.fields[index]!, dynamicPart(type.of[index]!, part)]));
    case 'custom':
      return bytes.toString('base64');
    default:
      // Every fixed scalar may also hold no bytes at all, a relic that is neither null nor a value.
      if (bytes.length === 0) throw new ConversionError(`an empty value of the type ${type.name} stands for nothing elsewhere`);
      return scalarFromBytes(type.name, bytes);
  }
}

function scalarFromBytes(name: string, bytes: Buffer): PortableValue {
  switch (name) {
    case 'boolean':
      return bytes[0] !== 0;
    case 'tinyint':
      return bytes.readInt8();
    case 'smallint':
      return bytes.readInt16BE();
    case 'int':
      return bytes.readInt32BE();
    case 'bigint':
    case 'counter':
      return bytes.readBigInt64BE();
    case 'varint':
      return varintOf(bytes).toString();
    case 'decimal':
      return decimalText(varintOf(bytes.subarray(4)), bytes.readInt32BE());
    case 'float':
      return bytes.readFloatBE();
    case 'double':
      return bytes.readDoubleBE();
    case 'uuid':
    case 'timeuuid':
      return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    case 'inet':
      return new types.InetAddress(bytes).toString();
    case 'date':
      return dateOfDays(bytes.readUInt32BE() - 2 ** 31);
    case 'time':
      return timeOfNanos(bytes.readBigInt64BE());
    case 'timestamp':
      return timestampText(bytes.readBigInt64BE() * 1000n, 'Z');
    case 'duration':
      return durationText(bytes);
    default:
      throw new ConversionError(`a value of the type ${name} has no portable form`);
  }
}

function dynamicPart(type: CqlType, part: Buffer | null): PortableValue {
  return part === null ? null : toDynamic(portableOf(type), fromBytes(type, part));
}

/** A map as a document; keys that are not texts stand as their text. */
function mapDocument(type: CqlType, bytes: Buffer): PortableDocument {
  const [keyType, valueType] = type.of as [CqlType, CqlType];
  const parts = partsOf(bytes, true);
  const document: PortableDocument = new Map();
  for (let index = 0; index < parts.length; index += 2) {
    const key = fromBytes(keyType, parts[index]!);
    const name = scalarText(portableOf(keyType), key) ?? parts[index]!.toString('base64');
    document.set(name, dynamicPart(valueType, parts[index + 1]!));
  }
  return document;
}

function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  if (Math.abs(scale) > mostDigits)
    throw new ConversionError(`a decimal with the scale ${scale} has too many digits to be written out`);
  if (scale <= 0) return unscaled === 0n ? '0' : `${sign}${digits}${'0'.repeat(-scale)}`;
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}
