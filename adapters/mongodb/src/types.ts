import type { PortableType, TypeKind, TypeTarget } from '@polyshift/core';

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

/** How each portable type is written, its losses by the names above. Reading is exact for every BSON type. */
export const types = {
  boolean: { native: 'bool', losses: [] },
  int16: { native: 'int', losses: [] },
  int32: { native: 'int', losses: [] },
  int64: { native: 'long', losses: [] },
  float32: { native: 'double', losses: [] },
  float64: { native: 'double', losses: [] },
  decimal: { native: 'decimal', losses: ['decimal_rounded'] },
  text: { native: 'string', losses: [] },
  uuid: { native: 'binData, subtype 4', losses: [] },
  bytes: { native: 'binData, subtype 0', losses: [] },
  date: {
    native: 'date, midnight in UTC',
    losses: ['infinite_timestamp', 'date_out_of_range'],
  },
  time: { native: 'string, `HH:MM:SS.ffffff`', losses: [] },
  time_tz: { native: 'string, `HH:MM:SS.ffffff+HH:MM`', losses: [] },
  timestamp: {
    native: 'date, as if it were UTC',
    losses: ['microseconds_to_milliseconds', 'infinite_timestamp', 'date_out_of_range'],
  },
  timestamptz: { native: 'date', losses: ['microseconds_to_milliseconds', 'infinite_timestamp', 'date_out_of_range'] },
  interval: { native: 'string, ISO 8601 duration', losses: [] },
  json: {
    native:
      'object, array or scalar; integers as int, long or decimal, other numbers as double where that is exact, else as decimal',
    losses: ['json_null', 'duplicate_json_keys', 'decimal_rounded'],
  },
  enum: { native: 'string', losses: [] },
  array: { native: 'array, with the losses of its elements', losses: ['array_bounds'] },
  range: {
    native: 'object: `{lower, upper, lower_inclusive, upper_inclusive}`, or `{empty: true}`; with the losses of its bounds',
    losses: [],
  },
  network: { native: 'string', losses: [] },
  bits: { native: 'string', losses: [] },
  object_id: { native: 'objectId', losses: [] },
  document: { native: 'object', losses: [] },
  dynamic: { native: 'by value', losses: [] },
  native: { native: 'string; BSON types of its own (regex, timestamp, minKey, ...) as themselves', losses: [] },
} as const satisfies Readonly<Record<TypeKind, TypeTarget & { readonly losses: readonly LossName[] }>>;

/** What values of a type can lose, those inside of it included. */
export function lossesOf(type: PortableType): LossName[] {
  const inner = type.kind === 'array' || type.kind === 'range' ? lossesOf(type.of) : [];
  return [...new Set([...types[type.kind].losses, ...inner])];
}

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
