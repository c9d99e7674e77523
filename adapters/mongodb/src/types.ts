import type { TypeKind } from '@polyshift/core';

/** What is lost where MongoDB cannot hold a value exactly: the names that reports use. */
export const losses = {
  microseconds_to_milliseconds: 'BSON dates have milliseconds; the microseconds beyond them are cut off, towards the past',
  infinite_timestamp: 'BSON dates have no infinity; the text `infinity` or `-infinity` is written instead',
  date_out_of_range: 'outside of what BSON dates hold in all drivers (year -271821 to 275760); the text is written instead',
  decimal_rounded: 'Decimal128 has 34 digits and exponents from -6176 to 6111; rounded half to even',
  json_null: 'the JSON value null becomes null, as if the field had had no value',
  array_bounds: 'BSON arrays begin at 0; one with bounds of its own is written as the text of the source',
  duplicate_json_keys: 'a key that stands twice in a JSON object is kept once, with its last value',
} as const;

/** The name of a loss. */
export type LossName = keyof typeof losses;

/** How the values of a portable type are written. */
export interface TypeMapping {
  /** The BSON type, by its alias. */
  readonly bson: string;
  /** What may be lost, counted where it is. */
  readonly losses: readonly LossName[];
  /** What to know about it. */
  readonly note?: string;
}

/** How each portable type is written: the table of the store's page. Reading is exact for every BSON type. */
export const typeMappings: Readonly<Record<TypeKind, TypeMapping>> = {
  boolean: { bson: 'bool', losses: [] },
  int16: { bson: 'int', losses: [] },
  int32: { bson: 'int', losses: [] },
  int64: { bson: 'long', losses: [] },
  float32: { bson: 'double', losses: [] },
  float64: { bson: 'double', losses: [] },
  decimal: { bson: 'decimal', losses: ['decimal_rounded'] },
  text: { bson: 'string', losses: [] },
  uuid: { bson: 'binData', losses: [], note: 'subtype 4' },
  bytes: { bson: 'binData', losses: [], note: 'subtype 0' },
  date: {
    bson: 'date',
    losses: ['infinite_timestamp', 'date_out_of_range'],
    note: 'midnight in UTC',
  },
  time: { bson: 'string', losses: [], note: '`HH:MM:SS.ffffff`' },
  time_tz: { bson: 'string', losses: [], note: '`HH:MM:SS.ffffff+HH:MM`' },
  timestamp: {
    bson: 'date',
    losses: ['microseconds_to_milliseconds', 'infinite_timestamp', 'date_out_of_range'],
    note: 'as if it were UTC',
  },
  timestamptz: { bson: 'date', losses: ['microseconds_to_milliseconds', 'infinite_timestamp', 'date_out_of_range'] },
  interval: { bson: 'string', losses: [], note: 'ISO 8601 duration' },
  json: {
    bson: 'object, array or scalar',
    losses: ['json_null', 'duplicate_json_keys', 'decimal_rounded'],
    note: 'integers as int, long or decimal, other numbers as double where that is exact, else as decimal',
  },
  enum: { bson: 'string', losses: [] },
  array: { bson: 'array', losses: ['array_bounds'], note: 'with the losses of its elements' },
  range: {
    bson: 'object',
    losses: [],
    note: '`{lower, upper, lower_inclusive, upper_inclusive}`, or `{empty: true}`; with the losses of its bounds',
  },
  network: { bson: 'string', losses: [] },
  bits: { bson: 'string', losses: [] },
  object_id: { bson: 'objectId', losses: [] },
  document: { bson: 'object', losses: [] },
  dynamic: { bson: 'by value', losses: [] },
  native: { bson: 'string', losses: [], note: 'a BSON type of its own (regex, timestamp, minKey, ...) comes back as that type' },
};

/** What $convert calls a portable type; undefined where the server has no conversion to it. */
export function convertTarget(kind: TypeKind): string | undefined {
  switch (kind) {
    case 'boolean':
      return 'bool';
    case 'int16':
    case 'int32':
      return 'int';
    case 'int64':
      return 'long';
    case 'float32':
    case 'float64':
      return 'double';
    case 'decimal':
      return 'decimal';
    case 'text':
    case 'enum':
      return 'string';
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return 'date';
    case 'object_id':
      return 'objectId';
    default:
      return undefined;
  }
}
