import { remembered } from './remembered.ts';

/** The type bytes of BSON, as its specification numbers them. */
export const bsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binData: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  bool: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  javascript: 0x0d,
  symbol: 0x0e,
  javascriptWithScope: 0x0f,
  int: 0x10,
  timestamp: 0x11,
  long: 0x12,
  decimal: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const;

/** One field of a raw document: where its parts are in the buffer. */
export interface Element {
  readonly name: string;
  /** The type byte. */
  readonly type: number;
  /** Offset of the type byte. */
  readonly start: number;
  /** Offset of the value. */
  readonly value: number;
  /** Offset behind the value. */
  readonly end: number;
}

/** The number of bytes that a value takes, from its type byte and its offset. Throws a RangeError for a type that BSON does not have. */
export function valueSize(buffer: Buffer, type: number, offset: number): number {
  switch (type) {
    case bsonType.double:
    case bsonType.date:
    case bsonType.timestamp:
    case bsonType.long:
      return 8;
    case bsonType.string:
    case bsonType.javascript:
    case bsonType.symbol:
      return 4 + buffer.readInt32LE(offset);
    case bsonType.object:
    case bsonType.array:
    case bsonType.javascriptWithScope:
      return buffer.readInt32LE(offset);
    case bsonType.binData:
      return 5 + buffer.readInt32LE(offset);
    case bsonType.undefined:
    case bsonType.null:
    case bsonType.minKey:
    case bsonType.maxKey:
      return 0;
    case bsonType.objectId:
      return 12;
    case bsonType.bool:
      return 1;
    case bsonType.regex:
      return buffer.indexOf(0, buffer.indexOf(0, offset) + 1) + 1 - offset;
    case bsonType.dbPointer:
      return 16 + buffer.readInt32LE(offset);
    case bsonType.int:
      return 4;
    case bsonType.decimal:
      return 16;
    default:
      throw new RangeError(`BSON has no type ${type}`);
  }
}

/** The fields of the document (or array) that starts at the offset, in order. */
export function elementsOf(buffer: Buffer, offset = 0): Element[] {
  const elements: Element[] = [];
  const last = offset + buffer.readInt32LE(offset) - 1;
  let position = offset + 4;
  while (position < last) {
    const type = buffer[position]!;
    const nameEnd = buffer.indexOf(0, position + 1);
    const value = nameEnd + 1;
    const end = value + valueSize(buffer, type, value);
    elements.push({ name: buffer.toString('utf8', position + 1, nameEnd), type, start: position, value, end });
    position = end;
  }
  return elements;
}

const bytesOf = remembered((name) => Buffer.from(name), 1000);

/** Finds one field of the document at the offset without looking into the others; undefined where it is missing. */
export function findElement(buffer: Buffer, name: string, offset = 0): Element | undefined {
  const wanted = bytesOf(name);
  const last = offset + buffer.readInt32LE(offset) - 1;
  let position = offset + 4;
  while (position < last) {
    const type = buffer[position]!;
    const nameEnd = buffer.indexOf(0, position + 1);
    const value = nameEnd + 1;
    const end = value + valueSize(buffer, type, value);
    if (nameEnd - position - 1 === wanted.length && buffer.compare(wanted, 0, wanted.length, position + 1, nameEnd) === 0) {
      return { name, type, start: position, value, end };
    }
    position = end;
  }
  return undefined;
}

/** Finds the field at a dotted path; a number in the path is a position in an array. */
export function findPath(buffer: Buffer, path: readonly string[]): Element | undefined {
  let offset = 0;
  for (const [index, name] of path.entries()) {
    const found = findElement(buffer, name, offset);
    if (!found || index === path.length - 1) return found;
    if (found.type !== bsonType.object && found.type !== bsonType.array) return undefined;
    offset = found.value;
  }
  return undefined;
}
