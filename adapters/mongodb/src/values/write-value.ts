import type { PortableDocument, PortableType, PortableValue } from '@polyshift/core';
import { Tagged } from '@polyshift/core';
import { Binary } from 'mongodb';
import { bsonType } from '../bson/element.ts';
import { type BsonWriter, indexName } from '../bson/writer.ts';
import { decimalParts } from './decimal.ts';
import { exactMilliseconds } from './exact-milliseconds.ts';
import { type Encoder, encoderOf, type NoteLoss } from './to-bson.ts';
import { writeBson, writeSimple } from './write-bson.ts';
import { needsParsing, writeJson } from './write-json.ts';

/** The greatest number of 64 bits; the one number below its negative is left to the encoder. */
const greatest = 9_223_372_036_854_775_807n;

/** Writes a portable value that is not null as the value of the field whose name is set. */
export type ValueWriter = (writer: BsonWriter, value: PortableValue, note: NoteLoss) => void;

/**
 * The writer of a column of a type: compiled once, called for each value. It writes what the encoder of the type gives, and the common values
 * of the common types without the objects that the driver would need; everything else goes through that encoder.
 */
export function writerOf(type: PortableType): ValueWriter {
  const encode = encoderOf(type);
  switch (type.kind) {
    case 'int64':
      return (writer, value, note) =>
        typeof value === 'bigint' && value <= greatest && value >= -greatest
          ? writer.int64(value)
          : writeBson(writer, encode(value, note));
    case 'float32':
    case 'float64':
      return (writer, value, note) => (typeof value === 'number' ? writer.double(value) : writeBson(writer, encode(value, note)));
    case 'decimal':
      return decimalWriter(encode);
    case 'uuid':
      return (writer, value) => writer.uuid(value as string);
    case 'bytes':
      return (writer, value) => writer.binary(value as Uint8Array, Binary.SUBTYPE_DEFAULT);
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return (writer, value, note) => {
        const milliseconds = exactMilliseconds(value as string);
        if (milliseconds === undefined) writeBson(writer, encode(value, note));
        else writer.date(milliseconds);
      };
    case 'json':
      return jsonWriter(encode);
    case 'array':
      return arrayWriter(type.of, encode);
    case 'document':
      return (writer, value, note) => writeNested(writer, value as PortableDocument, note);
    case 'dynamic':
      return writeDynamic;
    default:
      return (writer, value, note) => writeBson(writer, encode(value, note));
  }
}

/** Writes the fields of a document whose values say their types themselves; losses are noted by field. */
export function writeDocument(writer: BsonWriter, document: PortableDocument, noteOf: (field: string) => NoteLoss): void {
  for (const [name, value] of document) {
    writer.name(name);
    writeDynamic(writer, value, noteOf(name));
  }
}

const typed = new WeakMap<PortableType, ValueWriter>();

function typedWriter(type: PortableType): ValueWriter {
  const known = typed.get(type);
  if (known) return known;
  const made = writerOf(type);
  typed.set(type, made);
  return made;
}

/** A value that says its type itself. */
function writeDynamic(writer: BsonWriter, value: PortableValue, note: NoteLoss): void {
  if (typeof value === 'bigint') writeInteger(writer, value, note);
  else if (writeSimple(writer, value)) return;
  else if (value instanceof Tagged) {
    if (value.value === null) writer.null();
    else typedWriter(value.type)(writer, value.value, note);
  } else if (value instanceof Uint8Array) writer.binary(value, Binary.SUBTYPE_DEFAULT);
  else if (value instanceof Map) writeNested(writer, value, note);
  else if (Array.isArray(value)) writeList(writer, value, writeDynamic, note);
  else writeBson(writer, encodeAny(value, note));
}

const encodeAny = encoderOf({ kind: 'dynamic' });
const writeInteger = writerOf({ kind: 'int64' });

function writeNested(writer: BsonWriter, document: PortableDocument, note: NoteLoss): void {
  const start = writer.beginNested(bsonType.object);
  writeDocument(writer, document, () => note);
  writer.close(start);
}

function writeList(writer: BsonWriter, values: readonly PortableValue[], write: ValueWriter, note: NoteLoss): void {
  const start = writer.beginNested(bsonType.array);
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    writer.nameBytes(indexName(index));
    if (value === null) writer.null();
    else write(writer, value, note);
  }
  writer.close(start);
}

function arrayWriter(of: PortableType, encode: Encoder): ValueWriter {
  const element = writerOf(of);
  // In an array of arrays of a type each level but the last has the same type.
  const nested = of.kind !== 'array' && of.kind !== 'dynamic';
  const list: ValueWriter = (writer, value, note) => {
    if (value instanceof Tagged) writeBson(writer, encode(value, note));
    else writeList(writer, value as PortableValue[], each, note);
  };
  const each: ValueWriter = (writer, value, note) =>
    nested && Array.isArray(value) ? list(writer, value, note) : element(writer, value, note);
  return list;
}

function decimalWriter(encode: Encoder): ValueWriter {
  return (writer, value, note) => {
    const parts = decimalParts(value as string);
    if (parts) writer.smallDecimal(parts);
    else writeBson(writer, encode(value, note));
  };
}

function jsonWriter(encode: Encoder): ValueWriter {
  return (writer, value, note) => {
    const text = value as string;
    const first = text.charCodeAt(0);
    // Losses, and errors with their wording, are the encoder's.
    if (first === 123 || first === 91) {
      const mark = writer.mark();
      try {
        if (writeJson(writer, text) !== needsParsing) return;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
      writer.back(mark);
    }
    writeBson(writer, encode(value, note));
  };
}
