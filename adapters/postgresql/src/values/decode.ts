import type { PortableType, PortableValue } from '@polyshift/core';
import { Tagged } from '@polyshift/core';
import type { PgType } from '../catalog/pg-types.ts';
import { toPortableType } from '../types.ts';
import { type ArrayText, parseArray } from './array-text.ts';
import { parseRange } from './range-text.ts';
import { dateToPortable, timestampToPortable, timestamptzToPortable, timeTzToPortable } from './time-text.ts';

/** Turns the server's text of one value into the portable value of its column's type. */
export type Decoder = (raw: string) => PortableValue;

const identity: Decoder = (raw) => raw;

/** Compiles the decoder of a type, once for each column. */
export function decoderOf(type: PgType, modifier: number): Decoder {
  if (type.form === 'domain') return decoderOf(type.of!, type.modifier);
  if (type.form === 'array') return arrayDecoder(type, modifier);
  if (type.form === 'range') return rangeDecoder(type);
  return scalarDecoder(toPortableType(type, modifier));
}

function scalarDecoder(type: PortableType): Decoder {
  switch (type.kind) {
    case 'boolean':
      return (raw) => raw === 't' || raw === 'true';
    case 'int16':
    case 'int32':
    case 'float64':
      return Number;
    case 'float32':
      // The server prints the fewest digits that tell a float4 apart; its exact value is that of the nearest single.
      return (raw) => Math.fround(Number(raw));
    case 'int64':
      return BigInt;
    case 'bytes':
      return (raw) => Buffer.from(raw.slice(2), 'hex');
    case 'date':
      return dateToPortable;
    case 'time_tz':
      return timeTzToPortable;
    case 'timestamp':
      return timestampToPortable;
    case 'timestamptz':
      return timestamptzToPortable;
    default:
      return identity;
  }
}

function arrayDecoder(type: PgType, modifier: number): Decoder {
  const element = type.of!;
  const decode = decoderOf(element, modifier);
  const native: PortableType = { kind: 'native', name: type.native };
  const decodeAll = (elements: ArrayText): PortableValue[] =>
    elements.map((each) => (each === null ? null : typeof each === 'string' ? decode(each) : decodeAll(each)));
  return (raw) => {
    const elements = parseArray(raw, element.delimiter);
    return elements ? decodeAll(elements) : new Tagged(native, raw);
  };
}

function rangeDecoder(type: PgType): Decoder {
  const decode = decoderOf(type.of!, -1);
  const bound = (text: string | null): PortableValue => (text === null ? null : decode(text));
  return (raw) => {
    const range = parseRange(raw);
    return { ...range, lower: bound(range.lower), upper: bound(range.upper) };
  };
}
