import { types } from 'cassandra-driver';
import type { CqlType } from './cql-type.ts';
import { varintBytes } from './integer-bytes.ts';
import { bytesOfParts, bytesOfVector } from './parts.ts';

/**
 * The bytes of a value that the driver has decoded: of collections, tuples, vectors and user-defined types, which the store has no function for
 * that gives their bytes. The client is set so that nothing of a value is lost on the way (bigint for 64 bits and varint, Map for maps).
 */
export function bytesFromDriver(type: CqlType, value: unknown): Buffer {
  switch (type.name) {
    case 'list':
    case 'set': {
      const elements = value as unknown[];
      return bytesOfParts(
        elements.map((element) => part(type.of[0]!, element)),
        elements.length,
      );
    }
    case 'map': {
      const entries = [...(value as Map<unknown, unknown>)];
      return bytesOfParts(
        entries.flatMap(([key, inner]) => [part(type.of[0]!, key), part(type.of[1]!, inner)]),
        entries.length,
      );
    }
    case 'tuple':
      return bytesOfParts(type.of.map((each, index) => part(each, (value as types.Tuple).get(index))));
    case 'udt':
      return bytesOfParts(type.of.map((each, index) => part(each, (value as Record<string, unknown>)[type.udt!.fields[index]!])));
    case 'vector':
      return bytesOfVector(
        type,
        [...(value as Iterable<unknown>)].map((element) => bytesFromDriver(type.of[0]!, element)),
      );
    default:
      return scalar(type.name, value);
  }
}

function part(type: CqlType, value: unknown): Buffer | null {
  return value === null || value === undefined ? null : bytesFromDriver(type, value);
}

function scalar(name: string, value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  switch (name) {
    case 'ascii':
    case 'text':
      return Buffer.from(value as string, 'utf8');
    case 'boolean':
      return Buffer.from([value ? 1 : 0]);
    case 'tinyint':
      return sized(1, (bytes) => bytes.writeInt8(value as number));
    case 'smallint':
      return sized(2, (bytes) => bytes.writeInt16BE(value as number));
    case 'int':
      return sized(4, (bytes) => bytes.writeInt32BE(value as number));
    case 'bigint':
    case 'counter':
      return sized(8, (bytes) => bytes.writeBigInt64BE(value as bigint));
    case 'varint':
      return varintBytes(value as bigint);
    case 'float':
      return sized(4, (bytes) => bytes.writeFloatBE(value as number));
    case 'double':
      return sized(8, (bytes) => bytes.writeDoubleBE(value as number));
    case 'decimal':
      return types.BigDecimal.toBuffer(value as types.BigDecimal);
    case 'timestamp': {
      const milliseconds = (value as Date).getTime();
      if (Number.isNaN(milliseconds))
        throw new RangeError('a timestamp inside of a collection lies beyond the years that the driver can read');
      return sized(8, (bytes) => bytes.writeBigInt64BE(BigInt(milliseconds)));
    }
    case 'uuid':
    case 'timeuuid':
      return (value as types.Uuid).getBuffer();
    case 'inet':
      return (value as types.InetAddress).getBuffer();
    case 'date':
      return (value as types.LocalDate).toBuffer();
    case 'time':
      return (value as types.LocalTime).toBuffer();
    case 'duration':
      return (value as types.Duration).toBuffer();
    default:
      throw new TypeError(`the driver has no value of the type ${name}`);
  }
}

function sized(length: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  fill(bytes);
  return bytes;
}
