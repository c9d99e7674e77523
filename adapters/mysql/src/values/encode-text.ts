import { scalarText } from '@polyshift/core';
import { labelsOf, typeParts } from '../types.ts';
import { cannotConvert, type TypedValue, type ValueEncoder } from './conversion.ts';

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const bytesOf: Readonly<Record<string, number>> = { tinytext: 255, text: 65_535, mediumtext: 16_777_215 };

/** Texts: strings as they are, anything else in its portable text form, which loses nothing but the type. */
export function textEncoder(native: string): ValueEncoder {
  const { word, numbers } = typeParts(native);
  const characters = word === 'char' || word === 'varchar' ? (numbers[0] ?? 1) : undefined;
  const bytes = bytesOf[word];
  return (source, lose) => {
    const given = textOf(source);
    if (given === undefined) throw cannotConvert(source, native);
    let text: string = given;
    if (loneSurrogate.test(text)) {
      const repaired = Buffer.from(text).toString();
      lose('lone_surrogate', JSON.stringify(text), repaired);
      text = repaired;
    }
    if (word === 'char' && text.endsWith(' ')) {
      const cut = text.replace(/ +$/, '');
      lose('trailing_spaces', JSON.stringify(text), JSON.stringify(cut));
      text = cut;
    }
    if (characters !== undefined && text.length > characters && [...text].length > characters) {
      throw cannotConvert(source, native, `it has ${[...text].length} characters`);
    }
    if (bytes !== undefined && text.length * 3 > bytes && Buffer.byteLength(text) > bytes) {
      throw cannotConvert(source, native, `it has ${Buffer.byteLength(text)} bytes`);
    }
    return text;
  };
}

function textOf({ type, value }: TypedValue): string | undefined {
  if (type.kind === 'bytes' || type.kind === 'json') return type.kind === 'json' ? (value as string) : undefined;
  return scalarText(type, value) ?? undefined;
}

/** Byte strings; an ObjectId is its twelve bytes, a UUID its sixteen. BINARY is filled up with zero bytes, which is named. */
export function bytesEncoder(native: string): ValueEncoder {
  const { word, numbers } = typeParts(native);
  return (source, lose) => {
    const { type, value } = source;
    let bytes: Buffer;
    if (value instanceof Uint8Array) bytes = Buffer.from(value);
    else if (type.kind === 'object_id') bytes = Buffer.from(value as string, 'hex');
    else if (type.kind === 'uuid') bytes = Buffer.from((value as string).replaceAll('-', ''), 'hex');
    else throw cannotConvert(source, native);
    const size = word === 'binary' || word === 'varbinary' ? (numbers[0] ?? 1) : undefined;
    if (size === undefined) return bytes;
    if (bytes.length > size) throw cannotConvert(source, native, `it has ${bytes.length} bytes`);
    if (word === 'varbinary' || bytes.length === size) return bytes;
    lose('zero_bytes_added', `${bytes.length} bytes`, `${size} bytes`);
    return Buffer.concat([bytes], size);
  };
}

/** UUIDs of MariaDB's own type, also from texts and from sixteen bytes. */
export const uuidEncoder: ValueEncoder = (source) => {
  const { value } = source;
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : typeof value === 'string' ? value : '';
  const digits = text.trim().replace(/[{}-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits)) throw cannotConvert(source, 'uuid');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

/** Labels of an enum, or several of a set with commas between them. */
export function labelEncoder(native: string): ValueEncoder {
  const known = new Set(labelsOf(native));
  const several = typeParts(native).word === 'set';
  return (source) => {
    const { value } = source;
    if (typeof value !== 'string') throw cannotConvert(source, native);
    const labels = several ? value.split(',').filter((label) => label !== '') : [value];
    if (labels.every((label) => known.has(label))) return value;
    throw cannotConvert(source, native, `it is none of ${[...known].slice(0, 10).join(', ')}${known.size > 10 ? ', ...' : ''}`);
  };
}

/** Bit strings of exactly the length that the column has. */
export function bitsEncoder(native: string): ValueEncoder {
  const length = typeParts(native).numbers[0] ?? 1;
  return (source) => {
    const { value } = source;
    if (typeof value !== 'string' || !/^[01]*$/.test(value)) throw cannotConvert(source, native);
    if (value.length !== length) throw cannotConvert(source, native, `it has ${value.length} bits`);
    return value;
  };
}

/** A type that only this store has: its own form, and texts for those that have one. */
export function nativeEncoder(native: string): ValueEncoder {
  const shape = isGeometry(native);
  return (source) => {
    const { value } = source;
    if (typeof value === 'string' && (!shape || (source.type.kind === 'native' && /^([0-9A-F]{2})*$/.test(value)))) return value;
    throw cannotConvert(source, native);
  };
}

/** Whether a type is one of the shapes, whose values come as the hexadecimal digits of what the server stores. */
export function isGeometry(native: string): boolean {
  return /^(geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection)\b/i.test(
    native,
  );
}
