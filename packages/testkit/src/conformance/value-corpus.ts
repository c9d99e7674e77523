import { type PortableType, type PortableValue, type simpleKinds, Tagged } from '@polyshift/core';

/** Values of one portable type. */
export interface CorpusEntry {
  readonly type: PortableType;
  readonly values: readonly PortableValue[];
}

const tagged = (kind: (typeof simpleKinds)[number], value: PortableValue) => new Tagged({ kind }, value);

/** A value of each kind as documents hold them, where each says its own type. */
const ownTyped: readonly PortableValue[] = [
  true,
  7,
  0.5,
  9007199254740993n,
  'text',
  '',
  Uint8Array.of(0, 255),
  tagged('float64', 3),
  tagged('float64', Number.NaN),
  tagged('decimal', '0.10'),
  tagged('decimal', `1${'0'.repeat(40)}.5`),
  tagged('decimal', 'NaN'),
  tagged('uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
  tagged('date', '2024-02-29'),
  tagged('time', '23:59:59.999999'),
  tagged('time_tz', '23:59:59.999999-05:30'),
  tagged('timestamp', '2024-02-29T23:59:59.123456'),
  tagged('timestamptz', '2024-02-29T23:59:59.123456Z'),
  tagged('interval', 'P1Y2M3DT4H5M6.789S'),
  tagged('network', '10.1.2.3'),
  tagged('bits', '10110'),
  tagged('object_id', '507f1f77bcf86cd799439011'),
  new Tagged({ kind: 'native', name: 'type_of_another_store' }, '(1,2)'),
  new Tagged(
    { kind: 'range', of: { kind: 'int32' } },
    { empty: false, lower: 1, upper: 10, lower_inclusive: true, upper_inclusive: false },
  ),
  new Map<string, PortableValue>([
    ['b', 1],
    ['a', 2],
  ]),
  [1, ['a', null], new Map<string, PortableValue>([['deep', false]])],
];

/** Values of every portable type, at its limits and where stores bend them: what the sink's declarations are held against. */
export const valueCorpus: readonly CorpusEntry[] = [
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
  { type: { kind: 'decimal', precision: 12, scale: 2 }, values: ['1234567890.12', '-0.01', '0.00'] },
  { type: { kind: 'text' }, values: ['', ' ', 'null', "it's", 'tab\tnew\nline\\N', '日本語 😀', '$set', '{"a":1}'] },
  { type: { kind: 'text', max_length: 5 }, values: ['abcde', '日本語'] },
  { type: { kind: 'enum', values: ['open', "it's shut"] }, values: ['open', "it's shut"] },
  { type: { kind: 'uuid' }, values: ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'] },
  { type: { kind: 'bytes' }, values: [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, index) => index)] },
  {
    type: { kind: 'date' },
    values: ['1970-01-01', '2024-02-29', '0001-01-01', '9999-12-31', '+275761-01-01', 'infinity', '-infinity'],
  },
  { type: { kind: 'time' }, values: ['00:00:00', '23:59:59.999999', '12:30:00.5'] },
  { type: { kind: 'time_tz' }, values: ['00:00:00+00:00', '23:59:59.999999-05:30'] },
  {
    type: { kind: 'timestamp' },
    values: [
      '1970-01-01T00:00:00',
      '2024-02-29T23:59:59.123456',
      '1969-12-31T23:59:59.999999',
      '+290000-01-01T00:00:00',
      'infinity',
    ],
  },
  {
    type: { kind: 'timestamptz' },
    values: [
      '1970-01-01T00:00:00Z',
      '2024-02-29T23:59:59.123Z',
      '2024-02-29T23:59:59.123456Z',
      '0044-03-15T00:00:00Z',
      '+290000-01-01T00:00:00Z',
      '-infinity',
    ],
  },
  { type: { kind: 'interval' }, values: ['PT0S', 'P1Y2M3DT4H5M6.789S', 'P-1M15DT-0.000001S'] },
  {
    type: { kind: 'json' },
    values: [
      '{"a": [1, 2.50, null], "b": {"c": "d"}}',
      '{"b": 1, "a": 2}',
      '{"a": 1, "a": 2}',
      '[]',
      '"text"',
      '12345678901234567890',
      `0.${'123'.repeat(20)}`,
      'null',
    ],
  },
  {
    type: { kind: 'array', of: { kind: 'text' } },
    values: [
      [],
      ['a', null, 'b,c"d\\'],
      ['NULL', '{}'],
      // What PostgreSQL alone has: an array whose indexes do not begin at 1, which comes as its text.
      new Tagged({ kind: 'native', name: 'text[]' }, '[0:1]={a,b}'),
    ],
  },
  { type: { kind: 'array', of: { kind: 'int64' } }, values: [[1n, null, 9007199254740993n]] },
  {
    type: { kind: 'array', of: { kind: 'int32' } },
    values: [
      [
        [1, 2],
        [3, 4],
      ],
      [[1], [2, 3]],
    ],
  },
  {
    type: { kind: 'range', of: { kind: 'int32' } },
    values: [
      { empty: false, lower: 1, upper: 10, lower_inclusive: true, upper_inclusive: false },
      { empty: false, lower: null, upper: 10, lower_inclusive: false, upper_inclusive: false },
      { empty: true, lower: null, upper: null, lower_inclusive: false, upper_inclusive: false },
    ],
  },
  {
    type: { kind: 'range', of: { kind: 'timestamptz' } },
    values: [
      {
        empty: false,
        lower: '2024-02-29T00:00:00.000001Z',
        upper: null,
        lower_inclusive: true,
        upper_inclusive: false,
      },
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
      new Map(),
      ...ownTyped.map((value) => new Map([['v', value]])),
    ],
  },
  { type: { kind: 'dynamic' }, values: ownTyped },
  { type: { kind: 'native', name: 'type_of_another_store' }, values: ['(1,2)', ''] },
];
