import { isInt32, type PortableDocument, type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import { Decimal128 } from 'mongodb';
import { bsonType, valueSize } from '../bson/element.ts';
import { rawToJson } from '../bson/json.ts';
import { decimalText } from './decimal.ts';
import { instantText } from './instant.ts';

const types = {
  decimal: { kind: 'decimal' },
  float64: { kind: 'float64' },
  object_id: { kind: 'object_id' },
  timestamptz: { kind: 'timestamptz' },
  uuid: { kind: 'uuid' },
} as const satisfies Record<string, PortableType>;

/** BSON types that no other store has, by type byte: the name of the portable native type. */
const nativeNames: Readonly<Record<number, string>> = {
  [bsonType.binData]: 'binData',
  [bsonType.undefined]: 'undefined',
  [bsonType.regex]: 'regex',
  [bsonType.dbPointer]: 'dbPointer',
  [bsonType.javascript]: 'javascript',
  [bsonType.symbol]: 'symbol',
  [bsonType.javascriptWithScope]: 'javascriptWithScope',
  [bsonType.timestamp]: 'timestamp',
  [bsonType.minKey]: 'minKey',
  [bsonType.maxKey]: 'maxKey',
};

/** A raw document as a portable one. Reads the bytes directly: no objects of the driver in between. */
export function portableDocument(buffer: Buffer, offset = 0): PortableDocument {
  const document: PortableDocument = new Map();
  const last = offset + buffer.readInt32LE(offset) - 1;
  let position = offset + 4;
  while (position < last) {
    const type = buffer[position]!;
    const nameEnd = buffer.indexOf(0, position + 1);
    const value = nameEnd + 1;
    document.set(buffer.toString('utf8', position + 1, nameEnd), portableValue(buffer, type, value));
    position = value + valueSize(buffer, type, value);
  }
  return document;
}

/** One raw value as a dynamic portable value. */
export function portableValue(buffer: Buffer, type: number, offset: number): PortableValue {
  switch (type) {
    case bsonType.string:
      return buffer.toString('utf8', offset + 4, offset + 3 + buffer.readInt32LE(offset));
    case bsonType.int:
      return buffer.readInt32LE(offset);
    case bsonType.double: {
      const number = buffer.readDoubleLE(offset);
      return isInt32(number) ? new Tagged(types.float64, number) : number;
    }
    case bsonType.long:
      return buffer.readBigInt64LE(offset);
    case bsonType.bool:
      return buffer[offset] === 1;
    case bsonType.null:
      return null;
    case bsonType.object:
      return portableDocument(buffer, offset);
    case bsonType.array:
      return [...portableDocument(buffer, offset).values()];
    case bsonType.objectId:
      return new Tagged(types.object_id, buffer.toString('hex', offset, offset + 12));
    case bsonType.date:
      return new Tagged(types.timestamptz, instantText(buffer.readBigInt64LE(offset)));
    case bsonType.decimal:
      return new Tagged(types.decimal, decimalText(new Decimal128(Buffer.from(buffer.subarray(offset, offset + 16)))));
    case bsonType.binData: {
      const length = buffer.readInt32LE(offset);
      const subtype = buffer[offset + 4]!;
      const bytes = buffer.subarray(offset + 5, offset + 5 + length);
      if (subtype === 0) return new Uint8Array(bytes);
      if (subtype === 4 && length === 16) return new Tagged(types.uuid, uuidText(bytes));
      break;
    }
    default:
      break;
  }
  return new Tagged({ kind: 'native', name: nativeNames[type] ?? `type ${type}` }, nativeText(buffer, type, offset));
}

/** The portable type that a raw value has by itself; undefined for null. */
export function portableTypeOfRaw(buffer: Buffer, type: number, offset: number): PortableType | undefined {
  switch (type) {
    case bsonType.string:
      return { kind: 'text' };
    case bsonType.int:
      return { kind: 'int32' };
    case bsonType.double:
      return { kind: 'float64' };
    case bsonType.long:
      return { kind: 'int64' };
    case bsonType.bool:
      return { kind: 'boolean' };
    case bsonType.null:
      return undefined;
    case bsonType.object:
      return { kind: 'document' };
    case bsonType.array:
      return { kind: 'array', of: { kind: 'dynamic' } };
    case bsonType.binData:
      if (buffer[offset + 4] === 0) return { kind: 'bytes' };
      return buffer[offset + 4] === 4 ? types.uuid : { kind: 'native', name: 'binData' };
    case bsonType.objectId:
      return types.object_id;
    case bsonType.date:
      return types.timestamptz;
    case bsonType.decimal:
      return types.decimal;
    default:
      return { kind: 'native', name: nativeNames[type] ?? `type ${type}` };
  }
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The value as canonical Extended JSON: what MongoDB's own tools write. */
function nativeText(buffer: Buffer, type: number, offset: number): string {
  if (type === bsonType.undefined) return '{"$undefined":true}';
  if (type === bsonType.dbPointer)
    return JSON.stringify({ $dbPointer: buffer.toString('hex', offset, offset + valueSize(buffer, type, offset)) });
  return JSON.stringify(rawToJson(buffer, type, offset));
}
