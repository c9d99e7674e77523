import type { TypeKind } from '@polyshift/core';

const named = {
  decimal_scale: 'digits behind the scale of the column; the value is rounded half away from zero',
  decimal_to_float: 'digits of a decimal that no float has',
  double_to_single: 'digits of a double that a FLOAT has not',
  integer_to_float: 'digits of a whole number that no float has',
  negative_zero: 'the sign of a zero, which MariaDB does not keep',
  lone_surrogate: 'half of a surrogate pair, which is no character; U+FFFD takes its place',
  trailing_spaces: 'spaces at the end of a CHAR, which the server takes off',
  zero_bytes_added: 'the length of bytes in a BINARY, which the server fills up',
  time_of_day: 'the time of day of a timestamp in a column of dates',
  zone: 'that a time is an instant, or has an offset; it is written in UTC',
  zone_taken_for_utc: 'a time without a zone, taken for UTC in a column of instants',
  fraction_of_a_second: 'digits of a second that the column does not have',
  json_letters: "the order of keys, doubled keys and the form of numbers in a column of MySQL's own type json",
  json_number: "digits of a number beyond a double in a column of MySQL's own type json",
  field_order: "the order of the fields of a document in a column of MySQL's own type json",
  missing_to_null: 'that a field was missing; the column is null',
} as const;

/** The name of a loss, as the sink counts it. */
export type LossName = keyof typeof named | `${TypeKind}_as_json_text`;

/** The types that JSON has no form for, when they stand inside of it. */
export const textInJson = [
  'float64',
  'decimal',
  'uuid',
  'bytes',
  'date',
  'time',
  'time_tz',
  'timestamp',
  'timestamptz',
  'interval',
  'network',
  'bits',
  'object_id',
  'native',
] as const satisfies readonly TypeKind[];

/** What each loss means, for the table of types. */
export const losses: Readonly<Partial<Record<LossName, string>>> = {
  ...named,
  ...Object.fromEntries(
    textInJson.map((kind) => [`${kind}_as_json_text`, `a value of type ${kind} inside JSON is its text, and its type is gone`]),
  ),
  float64_as_json_text: 'NaN and the infinities inside JSON are texts',
  decimal_as_json_text: 'NaN and the infinities inside JSON are texts',
  range_as_json_text: 'a range inside JSON is a document of its parts',
};
