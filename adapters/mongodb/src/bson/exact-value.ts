import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { bsonType, findElement, valueSize } from './element.ts';

/**
 * A document whose fields keep their order (a plain object would move numeric names to the front) and whose values keep their BSON
 * types, in the form that the driver writes.
 */
export type ExactDocument = Map<string, unknown>;

const maxTime = 8.64e15;

/** A date outside of what JavaScript holds; the driver asks getTime for the milliseconds, which is all that it needs. */
class FarDate extends Date {
  private readonly milliseconds: number;
  constructor(milliseconds: number) {
    super(Number.NaN);
    this.milliseconds = milliseconds;
  }
  override getTime(): number {
    return this.milliseconds;
  }
}

/** Reads a raw document so that writing it gives the same bytes. */
export function exactDocument(buffer: Buffer, offset = 0): ExactDocument {
  const document: ExactDocument = new Map();
  readFields(buffer, offset, (name, value) => document.set(name, value));
  return document;
}

function readFields(buffer: Buffer, offset: number, take: (name: string, value: unknown) => void): void {
  const last = offset + buffer.readInt32LE(offset) - 1;
  let position = offset + 4;
  while (position < last) {
    const type = buffer[position]!;
    const nameEnd = buffer.indexOf(0, position + 1);
    const value = nameEnd + 1;
    take(buffer.toString('utf8', position + 1, nameEnd), exactValue(buffer, type, value));
    position = value + valueSize(buffer, type, value);
  }
}

/**
 * Reads one value. The two deprecated types that the driver cannot write back (undefined, dbPointer) throw a TypeError: nothing that
 * could not be restored is ever taken as a before-image.
 */
export function exactValue(buffer: Buffer, type: number, offset: number): unknown {
  switch (type) {
    case bsonType.double:
      return new Double(buffer.readDoubleLE(offset));
    case bsonType.string:
      return text(buffer, offset);
    case bsonType.object:
      return exactDocument(buffer, offset);
    case bsonType.array: {
      const list: unknown[] = [];
      readFields(buffer, offset, (_name, value) => list.push(value));
      return list;
    }
    case bsonType.binData: {
      const length = buffer.readInt32LE(offset);
      const subtype = buffer[offset + 4]!;
      // Subtype 2 has its length written twice; the driver writes the inner one itself.
      const start = subtype === Binary.SUBTYPE_BYTE_ARRAY ? offset + 9 : offset + 5;
      return new Binary(Buffer.from(buffer.subarray(start, offset + 5 + length)), subtype);
    }
    case bsonType.objectId:
      return new ObjectId(Buffer.from(buffer.subarray(offset, offset + 12)));
    case bsonType.bool:
      return buffer[offset] === 1;
    case bsonType.date: {
      const milliseconds = Number(buffer.readBigInt64LE(offset));
      return Math.abs(milliseconds) <= maxTime ? new Date(milliseconds) : new FarDate(milliseconds);
    }
    case bsonType.null:
      return null;
    case bsonType.regex: {
      const patternEnd = buffer.indexOf(0, offset);
      const flagsEnd = buffer.indexOf(0, patternEnd + 1);
      return new BSONRegExp(buffer.toString('utf8', offset, patternEnd), buffer.toString('utf8', patternEnd + 1, flagsEnd));
    }
    case bsonType.javascript:
      return new Code(text(buffer, offset));
    case bsonType.symbol:
      return new BSONSymbol(text(buffer, offset));
    case bsonType.javascriptWithScope: {
      const code = text(buffer, offset + 4);
      return new Code(code, exactDocument(buffer, offset + 8 + buffer.readInt32LE(offset + 4)) as never);
    }
    case bsonType.int:
      return new Int32(buffer.readInt32LE(offset));
    case bsonType.timestamp:
      return new Timestamp(Long.fromBigInt(buffer.readBigUInt64LE(offset), true));
    case bsonType.long:
      return Long.fromBits(buffer.readInt32LE(offset), buffer.readInt32LE(offset + 4));
    case bsonType.decimal:
      return new Decimal128(Buffer.from(buffer.subarray(offset, offset + 16)));
    case bsonType.minKey:
      return new MinKey();
    case bsonType.maxKey:
      return new MaxKey();
    case bsonType.dbPointer:
    case bsonType.undefined:
      throw new TypeError(`a value of the deprecated BSON type ${type === bsonType.undefined ? 'undefined' : 'dbPointer'}`);
    default:
      throw new RangeError(`BSON has no type ${type}`);
  }
}

function text(buffer: Buffer, offset: number): string {
  return buffer.toString('utf8', offset + 4, offset + 3 + buffer.readInt32LE(offset));
}

/** The _id of a document in any of its forms; undefined where it has none. */
export function idOfDocument(document: Buffer | Map<string, unknown> | Record<string, unknown>): unknown {
  if (Buffer.isBuffer(document)) {
    const element = findElement(document, '_id');
    return element ? exactValue(document, element.type, element.value) : undefined;
  }
  return document instanceof Map ? document.get('_id') : document['_id'];
}
