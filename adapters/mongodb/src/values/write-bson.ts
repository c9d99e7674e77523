import { Binary, BSON, Double, Int32 } from 'mongodb';
import { bsonType, elementsOf } from '../bson/element.ts';
import { type BsonWriter, indexName } from '../bson/writer.ts';

/** Writes a value in one of the forms that the driver takes, as the driver writes it. The name is set already; undefined writes nothing. */
export function writeBson(writer: BsonWriter, value: unknown): void {
  if (writeSimple(writer, value)) return;
  if (Array.isArray(value)) {
    const start = writer.beginNested(bsonType.array);
    for (const [index, each] of value.entries()) {
      writer.nameBytes(indexName(index));
      writeBson(writer, each ?? null);
    }
    writer.close(start);
  } else if (value instanceof Map) {
    const start = writer.beginNested(bsonType.object);
    for (const [name, each] of value as Map<string, unknown>) {
      writer.name(name);
      writeBson(writer, each);
    }
    writer.close(start);
  } else if (value instanceof Int32) writer.int32(value.value);
  else if (value instanceof Double) writer.double(value.value);
  else if (value instanceof Binary && value.sub_type !== Binary.SUBTYPE_BYTE_ARRAY) {
    writer.binary(value.buffer.subarray(0, value.position), value.sub_type);
  } else {
    // All others are rare: the driver writes them, and their bytes are taken over.
    const bytes = BSON.serialize({ value }) as Buffer;
    const element = elementsOf(bytes)[0]!;
    writer.value(element.type, bytes.subarray(element.value, element.end));
  }
}

/** Writes a value that JavaScript has itself; false where it is another. */
export function writeSimple(writer: BsonWriter, value: unknown): boolean {
  switch (typeof value) {
    case 'undefined':
      break;
    case 'string':
      writer.string(value);
      break;
    case 'boolean':
      writer.boolean(value);
      break;
    case 'bigint':
      writer.int64(value);
      break;
    case 'number':
      if ((value | 0) === value && !Object.is(value, -0)) writer.int32(value);
      else writer.double(value);
      break;
    default:
      if (value !== null) return false;
      writer.null();
  }
  return true;
}
