import type { TypeKind, TypeTarget } from '@polyshift/core';

const text = (note: string): TypeTarget => ({ native: `text: ${note}`, losses: [] });

/**
 * What each portable type becomes in a field of a hash. Every value is exact: the definition of the collection keeps the type, and a value whose type is
 * not that of its field says its own. In JSON a number, a boolean, a list and an object are those of JSON, and bytes are base64.
 */
export const typeTargets: Readonly<Record<TypeKind, TypeTarget>> = {
  boolean: text('`true`, `false`'),
  int16: text('digits'),
  int32: text('digits'),
  int64: text('digits'),
  float32: text('the shortest digits that give the number back, `NaN`, `Infinity`, `-Infinity`'),
  float64: text('the shortest digits that give the number back, `NaN`, `Infinity`, `-Infinity`'),
  decimal: text('digits'),
  text: { native: 'text, as UTF-8', losses: [], refuses: 'halves of surrogate pairs' },
  uuid: text('36 characters'),
  bytes: { native: 'the bytes', losses: [] },
  date: text('`YYYY-MM-DD`'),
  time: text('`HH:MM:SS.ffffff`'),
  time_tz: text('`HH:MM:SS.ffffff+HH:MM`'),
  timestamp: text('`YYYY-MM-DDTHH:MM:SS.ffffff`'),
  timestamptz: text('`YYYY-MM-DDTHH:MM:SS.ffffffZ`'),
  interval: text('an ISO 8601 duration'),
  json: text('JSON, to the letter'),
  enum: text('the value'),
  array: text('a JSON array'),
  range: text('a JSON object of `lower`, `upper`, `lower_inclusive`, `upper_inclusive`, or `{"empty":true}`'),
  network: text('the address'),
  bits: text('zeros and ones'),
  object_id: text('24 hexadecimal digits'),
  document: text('a JSON object'),
  dynamic: { native: 'text, with the name of the type before it where it is none', losses: [] },
  native: text('the text of the other store'),
};
