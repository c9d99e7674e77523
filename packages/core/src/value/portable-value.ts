import { oncePerProcess } from '../once-per-process.ts';
import type { PortableType } from './portable-type.ts';

/**
 * A value of a portable type, the hub between any two stores. In a column of a known type it is bare:
 *
 * | type | form |
 * |---|---|
 * | boolean | boolean |
 * | int16, int32, float32, float64 | number (NaN, Infinity and -0 included) |
 * | int64 | bigint |
 * | decimal | string of digits like `-12.50`, `NaN`, `Infinity`, `-Infinity`; never an exponent |
 * | text, enum, network, native | string |
 * | uuid | 36 lower-case characters |
 * | bytes | Uint8Array |
 * | date | `YYYY-MM-DD`, a year of more digits with a sign as in ISO 8601, `infinity`, `-infinity` |
 * | time, time_tz | `HH:MM:SS.ffffff` without trailing zeros of the fraction, then `+HH:MM[:SS]` for time_tz |
 * | timestamp, timestamptz | `YYYY-MM-DDTHH:MM:SS.ffffff` without trailing zeros of the fraction, `Z` after an instant; `infinity`, `-infinity` |
 * | interval | ISO 8601 duration with its parts kept apart: `P1Y2M3DT-4H5M6.789S` |
 * | json | JSON text to the letter |
 * | array | array of values of the element type, null for missing elements, nested for more dimensions |
 * | range | {@link PortableRange} |
 * | bits | string of 0 and 1 |
 * | object_id | 24 hexadecimal digits |
 * | document | {@link PortableDocument}, whose values are dynamic |
 *
 * In a `dynamic` column and inside documents a value says its own type: null, boolean, string, Uint8Array, array and document are
 * themselves; an integral number in the range of int32 is an int32, any other number a float64; a bigint is an int64; everything
 * else, and a float64 that looks like an int32, is {@link Tagged}.
 */
export type PortableValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PortableRange
  | Tagged
  | PortableValue[]
  | PortableDocument;

/** Fields in their order; a Map, so that field names like `__proto__` and numeric ones keep their place. */
export type PortableDocument = Map<string, PortableValue>;

/** A range of the element type; a bound that is null is unbounded. An empty range has `empty: true` and no bounds. */
export interface PortableRange {
  readonly empty: boolean;
  readonly lower: PortableValue;
  readonly upper: PortableValue;
  readonly lower_inclusive: boolean;
  readonly upper_inclusive: boolean;
}

class TaggedValue {
  readonly type: PortableType;
  readonly value: PortableValue;
  constructor(type: PortableType, value: PortableValue) {
    this.type = type;
    this.value = value;
  }
}

/** A value with its type, where the value alone does not say it. One class for all copies of this package in a process. */
export const Tagged: typeof TaggedValue = oncePerProcess('Tagged 1', TaggedValue);
/** A value with its type, where the value alone does not say it. */
export type Tagged = TaggedValue;

/** Whether a number stands for an int32 in a dynamic place (-0 does not). */
export function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

/** The type that a dynamic value says of itself. */
export function dynamicType(value: PortableValue): PortableType | undefined {
  if (value === null) return undefined;
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'number':
      return { kind: isInt32(value) ? 'int32' : 'float64' };
    case 'bigint':
      return { kind: 'int64' };
    case 'string':
      return { kind: 'text' };
  }
  if (value instanceof Tagged) return value.type;
  if (value instanceof Uint8Array) return { kind: 'bytes' };
  if (Array.isArray(value)) return { kind: 'array', of: { kind: 'dynamic' } };
  if (value instanceof Map) return { kind: 'document' };
  return { kind: 'range', of: { kind: 'dynamic' } };
}

/** Turns a bare value of a known type into one that says its own type, as documents need it. */
export function toDynamic(type: PortableType, value: PortableValue): PortableValue {
  if (value === null || value instanceof Tagged) return value;
  switch (type.kind) {
    case 'boolean':
    case 'text':
    case 'int64':
    case 'bytes':
    case 'document':
    case 'dynamic':
    case 'int32':
    case 'int16':
      return value;
    case 'float32':
    case 'float64':
      return isInt32(value as number) ? new Tagged({ kind: 'float64' }, value) : value;
    case 'array':
      return (value as PortableValue[]).map((element) =>
        Array.isArray(element) && type.of.kind !== 'array' ? toDynamic(type, element) : toDynamic(type.of, element),
      );
    case 'enum':
      return value;
    default:
      return new Tagged(type, value);
  }
}
