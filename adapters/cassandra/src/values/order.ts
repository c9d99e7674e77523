import type { CqlType } from './cql-type.ts';
import { varintOf } from './integer-bytes.ts';

/** The order of the store for values of a type: that of the elements of sets and the keys of maps. */
export function compareValues(type: CqlType, left: Buffer, right: Buffer): number {
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'varint':
    case 'time':
    case 'timestamp':
      return compareNumbers(varintOf(left), varintOf(right));
    case 'float':
      return compareFloats(left.readFloatBE(), right.readFloatBE());
    case 'double':
      return compareFloats(left.readDoubleBE(), right.readDoubleBE());
    case 'decimal': {
      const scale = Math.max(left.readInt32BE(), right.readInt32BE());
      const at = (bytes: Buffer): bigint => varintOf(bytes.subarray(4)) * 10n ** BigInt(scale - bytes.readInt32BE());
      return compareNumbers(at(left), at(right));
    }
    case 'uuid':
    case 'timeuuid': {
      const version = (bytes: Buffer): number => bytes[6]! >> 4;
      if (version(left) !== version(right)) return version(left) - version(right);
      return (version(left) === 1 ? compareNumbers(timeOf(left), timeOf(right)) : 0) || Buffer.compare(left, right);
    }
    default:
      return Buffer.compare(left, right);
  }
}

/** The time in a uuid of version 1, whose bytes begin with its lowest part. */
function timeOf(bytes: Buffer): bigint {
  const high = BigInt(bytes.readUInt16BE(6) & 0x0fff);
  return (high << 48n) | (BigInt(bytes.readUInt16BE(4)) << 32n) | BigInt(bytes.readUInt32BE(0));
}

function compareNumbers(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** As Java's: NaN stands last, and -0 before 0. */
function compareFloats(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  if (left !== right) return left - right;
  return Number(Object.is(right, -0)) - Number(Object.is(left, -0));
}
