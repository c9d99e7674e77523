import type { PortableType, PortableValue } from '@polyshift/core';

/** Values of every portable type, at its limits and where others bend them. */
export const valueCorpus: readonly { readonly type: PortableType; readonly values: readonly PortableValue[] }[] = [
  { type: { kind: 'boolean' }, values: [true, false] },
  { type: { kind: 'int16' }, values: [0, -32768, 32767] },
  { type: { kind: 'int32' }, values: [0, -2147483648, 2147483647] },
  { type: { kind: 'int64' }, values: [0n, 9007199254740993n, -9223372036854775808n, 9223372036854775807n] },
  { type: { kind: 'float32' }, values: [0, 1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
  {
    type: { kind: 'float64' },
    values: [0, 1, 0.1, -0, 5e-324, 1.7976931348623157e308, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  },
  {
    type: { kind: 'decimal' },
    values: [
      '0',
      '-0.5',
      '12345678901234567890.123456789',
      '1'.padEnd(60, '7'),
      `0.${'0'.repeat(40)}1`,
      'NaN',
      'Infinity',
      '-Infinity',
    ],
  },
  { type: { kind: 'text' }, values: ['', ' ', 'null', "it's", 'tab\tnew\nline\\N', '日本語 😀', '$set', '{"a":1}'] },
  { type: { kind: 'uuid' }, values: ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'] },
  { type: { kind: 'bytes' }, values: [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, index) => index)] },
  { type: { kind: 'date' }, values: ['1970-01-01', '2024-02-29', '0001-01-01', '9999-12-31', 'infinity', '-infinity'] },
  { type: { kind: 'time' }, values: ['00:00:00', '23:59:59.999999', '12:30:00.5'] },
  { type: { kind: 'time_tz' }, values: ['00:00:00+00:00', '23:59:59.999999-05:30'] },
  {
    type: { kind: 'timestamp' },
    values: ['1970-01-01T00:00:00', '2024-02-29T23:59:59.123456', '1969-12-31T23:59:59.999999', 'infinity'],
  },
  {
    type: { kind: 'timestamptz' },
    values: [
      '1970-01-01T00:00:00Z',
      '2024-02-29T23:59:59.123Z',
      '2024-02-29T23:59:59.123456Z',
      '0044-03-15T00:00:00Z',
      '-infinity',
    ],
  },
  { type: { kind: 'interval' }, values: ['PT0S', 'P1Y2M3DT4H5M6.789S', 'P-1M15DT-0.000001S'] },
  { type: { kind: 'json' }, values: ['{"a": [1, 2.50, null], "b": {"c": "d"}}', '[]', '"text"', '12345678901234567890', 'null'] },
  { type: { kind: 'array', of: { kind: 'text' } }, values: [[], ['a', null, 'b,c"d\\'], ['NULL', '{}']] },
  { type: { kind: 'array', of: { kind: 'int64' } }, values: [[1n, null, 9007199254740993n]] },
  {
    type: { kind: 'range', of: { kind: 'int32' } },
    values: [
      { empty: false, lower: 1, upper: 10, lower_inclusive: true, upper_inclusive: false },
      { empty: false, lower: null, upper: 10, lower_inclusive: false, upper_inclusive: false },
      { empty: true, lower: null, upper: null, lower_inclusive: false, upper_inclusive: false },
    ],
  },
  { type: { kind: 'network' }, values: ['10.1.2.3', '2001:db8::1'] },
  { type: { kind: 'bits' }, values: ['0', '10110'] },
  { type: { kind: 'object_id' }, values: ['507f1f77bcf86cd799439011'] },
  {
    type: { kind: 'document' },
    values: [
      new Map<string, PortableValue>([
        ['b', 1],
        ['a', new Map<string, PortableValue>([['x', [1, null, 'y']]])],
        ['n', null],
      ]),
    ],
  },
];
