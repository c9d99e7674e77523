import type { TypeKind, TypeTarget } from '@polyshift/core';

/** What is lost where DynamoDB cannot hold a value exactly: the names that reports use. */
export const losses = {
  number_rounded: 'numbers have 38 digits; one with more is rounded half to even',
  number_as_text:
    'NaN, the infinities, and magnitudes beyond 1E-130 and 9.99E+125 are no numbers of DynamoDB; their text is written instead',
  negative_zero: 'DynamoDB has no negative zero; 0 is written',
  field_order:
    'maps keep no order of their fields: a document whose fields do not stand in the order of their names comes back in that order',
  json_null: 'the JSON value null becomes null, as if the field had had no value',
  duplicate_json_keys: 'a key that stands twice in a JSON object is kept once, with its last value',
  array_bounds: 'lists begin at 0; an array with bounds of its own is written as the text of the source',
} as const;

/** The name of a loss. */
export type LossName = keyof typeof losses;

const exact = (native: string): TypeTarget => ({ native, losses: [] });

/** How each portable type is written. Reading is exact for every type of DynamoDB. */
export const typeTargets: Readonly<Record<TypeKind, TypeTarget>> = {
  boolean: exact('BOOL'),
  int16: exact('N'),
  int32: exact('N'),
  int64: exact('N'),
  float32: { native: 'N', losses: ['number_as_text', 'negative_zero'] },
  float64: { native: 'N', losses: ['number_as_text', 'negative_zero'] },
  decimal: { native: 'N', losses: ['number_rounded', 'number_as_text'] },
  text: exact('S'),
  uuid: exact('S'),
  bytes: exact('B'),
  date: exact('S'),
  time: exact('S'),
  time_tz: exact('S'),
  timestamp: exact('S'),
  timestamptz: exact('S'),
  interval: exact('S'),
  json: {
    native: 'M, L or the scalar',
    losses: ['json_null', 'duplicate_json_keys', 'field_order', 'number_rounded', 'number_as_text'],
  },
  enum: exact('S'),
  array: { native: 'L', losses: ['array_bounds'] },
  range: exact('M'),
  network: exact('S'),
  bits: exact('S'),
  object_id: exact('S'),
  document: { native: 'M', losses: ['field_order'], refuses: 'more than 32 levels' },
  dynamic: exact('by value'),
  native: exact('S'),
};
