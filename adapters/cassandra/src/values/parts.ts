import type { CqlType } from './cql-type.ts';
import { unsignedVintAt, unsignedVintBytes } from './integer-bytes.ts';

/** The parts of a list, set, tuple or user-defined type in its bytes; null is a part without a value. */
export function partsOf(bytes: Buffer, counted: boolean): (Buffer | null)[] {
  const parts: (Buffer | null)[] = [];
  let offset = counted ? 4 : 0;
  while (offset < bytes.length) {
    const length = bytes.readInt32BE(offset);
    offset += 4;
    parts.push(length < 0 ? null : bytes.subarray(offset, offset + length));
    if (length > 0) offset += length;
  }
  return parts;
}

/** The bytes of a list, set, map (keys and values in turn), tuple or user-defined type. */
export function bytesOfParts(parts: readonly (Buffer | null)[], count?: number): Buffer {
  const pieces: Buffer[] = [];
  if (count !== undefined) pieces.push(int32(count));
  for (const part of parts) {
    pieces.push(int32(part === null ? -1 : part.length));
    if (part !== null) pieces.push(part);
  }
  return Buffer.concat(pieces);
}

/** The elements of a vector in its bytes. */
export function elementsOfVector(type: CqlType, bytes: Buffer): Buffer[] {
  const fixed = fixedSize(type.of[0]!);
  const elements: Buffer[] = [];
  let offset = 0;
  for (let index = 0; index < type.dimension!; index++) {
    const { value, size } = fixed === undefined ? unsignedVintAt(bytes, offset) : { value: fixed, size: 0 };
    offset += size;
    elements.push(bytes.subarray(offset, offset + value));
    offset += value;
  }
  return elements;
}

/** The bytes of a vector. */
export function bytesOfVector(type: CqlType, elements: readonly Buffer[]): Buffer {
  if (fixedSize(type.of[0]!) !== undefined) return Buffer.concat(elements);
  return Buffer.concat(elements.flatMap((element) => [unsignedVintBytes(element.length), element]));
}

/** Bytes of every value of a type, where all have the same; what vectors of it leave out the sizes for. */
function fixedSize(type: CqlType): number | undefined {
  switch (type.name) {
    case 'boolean':
      return 1;
    case 'float':
    case 'int':
      return 4;
    case 'bigint':
    case 'double':
    case 'timestamp':
      return 8;
    case 'uuid':
    case 'timeuuid':
      return 16;
    case 'vector': {
      const element = fixedSize(type.of[0]!);
      return element === undefined ? undefined : element * type.dimension!;
    }
    default:
      return undefined;
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
