import { bsonType } from './element.ts';
import { remembered } from './remembered.ts';
import { putSmallDecimal, type SmallDecimal } from './small-decimal.ts';

/** Bytes that are taken from the system at once; a document that does not fit takes more. */
const chunkBytes = 262_144;

/** Levels of documents and arrays inside each other, at most. */
const maxDepth = 100;

/** Strings up to this length are written byte by byte: a call of the engine's own writer costs more than they do. */
const shortText = 40;

/** A place within the document that is being written. */
export interface WriterMark {
  readonly written: number;
  readonly depth: number;
  readonly field: Uint8Array;
}

/** A document that the server would refuse; the message says why. */
export class UnwritableDocument extends Error {}

/**
 * Writes BSON documents straight into bytes, one behind the other, without an object for each value: for documents made by the thousand.
 * Follows version 1.1 of the specification of BSON (bsonspec.org). The name of the next field is set by {@link name} or {@link nameBytes};
 * each of the other methods writes that field's type, name and value.
 */
export class BsonWriter {
  private bytes = Buffer.allocUnsafeSlow(chunkBytes);
  private view = viewOf(this.bytes);
  private at = 0;
  private documentAt = 0;
  private depth = 0;
  private field: Uint8Array = new Uint8Array(1);

  /** Begins a document. One that was begun and not ended is forgotten. */
  begin(): void {
    this.at = this.documentAt;
    this.depth = 0;
    this.open();
  }

  /** Ends the document and gives its bytes, which nothing writes to any more. */
  end(): Buffer {
    this.close(0);
    const document = this.bytes.subarray(this.documentAt, this.at);
    this.documentAt = this.at;
    return document;
  }

  /** Names the next field by bytes that end with a zero; see {@link nameOf}. */
  nameBytes(name: Uint8Array): void {
    this.field = name;
  }

  /** Names the next field. Throws an {@link UnwritableDocument} for a name with a NUL. */
  name(name: string): void {
    this.field = keptName(name);
  }

  null(): void {
    this.header(bsonType.null);
  }

  boolean(value: boolean): void {
    this.header(bsonType.bool);
    this.room(1);
    this.bytes[this.at++] = value ? 1 : 0;
  }

  int32(value: number): void {
    this.header(bsonType.int);
    this.room(4);
    this.view.setInt32(this.at, value, true);
    this.at += 4;
  }

  /** A value beyond 64 bits keeps its lowest 64. */
  int64(value: bigint): void {
    this.header(bsonType.long);
    this.room(8);
    this.view.setBigInt64(this.at, value, true);
    this.at += 8;
  }

  double(value: number): void {
    this.header(bsonType.double);
    this.room(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** @param milliseconds Since 1970, a whole number up to 2 to the power of 53 in either direction. */
  date(milliseconds: number): void {
    this.header(bsonType.date);
    this.room(8);
    const high = Math.floor(milliseconds / 4_294_967_296);
    this.view.setUint32(this.at, milliseconds - high * 4_294_967_296, true);
    this.view.setInt32(this.at + 4, high, true);
    this.at += 8;
  }

  string(value: string): void {
    this.header(bsonType.string);
    this.room(value.length * 3 + 5);
    const start = this.at + 4;
    const end = start + this.text(value, start);
    this.view.setInt32(this.at, end - start + 1, true);
    this.bytes[end] = 0;
    this.at = end + 1;
  }

  binary(value: Uint8Array, subtype: number): void {
    this.header(bsonType.binData);
    this.room(value.length + 5);
    this.view.setInt32(this.at, value.length, true);
    this.bytes[this.at + 4] = subtype;
    this.bytes.set(value, this.at + 5);
    this.at += value.length + 5;
  }

  /** A UUID of 36 characters, without the way over a Buffer of its own. Throws a RangeError for what is none. */
  uuid(value: string): void {
    this.header(bsonType.binData);
    this.room(21);
    this.view.setInt32(this.at, 16, true);
    this.bytes[this.at + 4] = 4;
    let to = this.at + 5;
    const end = to + 16;
    for (let from = 0; from < 36; ) {
      if (value.charCodeAt(from) === 45) from++;
      const byte = (hexDigit(value.charCodeAt(from)) << 4) | hexDigit(value.charCodeAt(from + 1));
      if (byte < 0 || to === end) throw new RangeError(`${JSON.stringify(value)} is no UUID`);
      this.bytes[to++] = byte;
      from += 2;
    }
    if (to !== end || value.length !== 36) throw new RangeError(`${JSON.stringify(value)} is no UUID`);
    this.at = to;
  }

  smallDecimal(value: SmallDecimal): void {
    this.header(bsonType.decimal);
    this.room(16);
    putSmallDecimal(this.view, this.at, value);
    this.at += 16;
  }

  /** A value that is there as bytes already. */
  value(type: number, bytes: Uint8Array): void {
    this.header(type);
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Begins a document or array within: the fields that follow are its own, until {@link close} with what this gave. */
  beginNested(type: typeof bsonType.object | typeof bsonType.array): number {
    this.header(type);
    const start = this.at - this.documentAt;
    this.open();
    return start;
  }

  /** Ends the document that began there, counted from the beginning of the whole one, which may move. */
  close(start: number): void {
    this.room(1);
    this.bytes[this.at++] = 0;
    const from = this.documentAt + start;
    this.view.setInt32(from, this.at - from, true);
    this.depth--;
  }

  /** Where the writing stands, for {@link back}. */
  mark(): WriterMark {
    return { written: this.at - this.documentAt, depth: this.depth, field: this.field };
  }

  /** Forgets what was written since. */
  back({ written, depth, field }: WriterMark): void {
    this.at = this.documentAt + written;
    this.depth = depth;
    this.field = field;
  }

  private open(): void {
    if (++this.depth > maxDepth) throw new UnwritableDocument(`nested deeper than ${maxDepth} levels`);
    this.room(4);
    this.at += 4;
  }

  private header(type: number): void {
    const { field } = this;
    this.room(field.length + 1);
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = type;
    for (let index = 0; index < field.length; index++) bytes[at++] = field[index]!;
    this.at = at;
  }

  /** Writes text and gives the number of its bytes; there is room for three for each character. */
  private text(value: string, start: number): number {
    if (value.length > shortText) return this.bytes.write(value, start, 'utf8');
    const { bytes } = this;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 128) return this.bytes.write(value, start, 'utf8');
      bytes[start + index] = code;
    }
    return value.length;
  }

  /** Makes room. The document that is being written moves into the next chunk; those before it stay where they are. */
  private room(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const written = this.at - this.documentAt;
    const bytes = Buffer.allocUnsafeSlow(Math.max(chunkBytes, 2 * (written + size)));
    bytes.set(this.bytes.subarray(this.documentAt, this.at));
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.documentAt = 0;
    this.at = written;
  }
}

/** A field's name as bytes that end with a zero. Throws an {@link UnwritableDocument} for a name with a NUL. */
export function nameOf(name: string): Uint8Array {
  if (name.includes('\0')) throw new UnwritableDocument(`the field name ${JSON.stringify(name)} holds a NUL`);
  return Buffer.from(`${name}\0`);
}

const keptName = remembered(nameOf, 2000);

const indexNames: Uint8Array[] = [];

/** The name of an element of an array. */
export function indexName(index: number): Uint8Array {
  if (index >= 1000) return nameOf(String(index));
  indexNames[index] ??= nameOf(String(index));
  return indexNames[index];
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The value of each character of ASCII as a hexadecimal digit; negative where it is none, whatever it is shifted by or joined with. */
const hexDigits = Int8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? -1 : value;
});

function hexDigit(code: number): number {
  return code < 128 ? hexDigits[code]! : -1;
}
