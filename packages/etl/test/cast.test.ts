import { type PortableType, Tagged } from '@polyshift/core';
import { expect, it } from 'vitest';
import { call } from './rule-bench.ts';

const text: PortableType = { kind: 'text' };
const _int: PortableType = { kind: 'int32' };
const _big: PortableType = { kind: 'int64' };
const decimal: PortableType = { kind: 'decimal' };
const float: PortableType = { kind: 'float64' };
const instant: PortableType = { kind: 'timestamptz' };
const json: PortableType = { kind: 'json' };
const dynamic: PortableType = { kind: 'dynamic' };

it.each<[string, Parameters<typeof call>[1], string, unknown]>([
  ['cast', [[text, '42'], { value: 'int32' }], 'int32', 42],
  ['cast', [[text, ' 4.2e1 '], { value: 'int64' }], 'int64', 42n],
  ['cast', [[text, '3000000000'], { value: 'int32' }], 'int32', '<3000000000 is beyond the range of int32>'],
  ['cast', [[decimal, '1.5'], { value: 'int32' }], 'int32', '<1.5 is not an integer; round it first>'],
  ['cast', [[decimal, '2.345'], { value: { kind: 'decimal', precision: 5, scale: 2 } }], 'decimal', '2.35'],
  [
    'cast',
    [[decimal, '12345.1'], { value: { kind: 'decimal', precision: 5, scale: 2 } }],
    'decimal',
    expect.stringContaining('cannot become decimal(5,2)'),
  ],
  ['cast', [[text, 'yes'], { value: 'boolean' }], 'boolean', true],
  ['cast', [[text, 'perhaps'], { value: 'boolean' }], 'boolean', expect.stringContaining('cannot become boolean')],
  ['cast', [[instant, '2024-01-01T00:00:00.5Z'], { value: 'text' }], 'text', '2024-01-01T00:00:00.5Z'],
  ['cast', [[instant, '2024-01-01T23:00:00Z'], { value: 'date' }], 'date', '2024-01-01'],
  ['cast', [[{ kind: 'bytes' }, Uint8Array.of(1, 255)], { value: 'text' }], 'text', '01ff'],
  ['cast', [[text, '01FF'], { value: 'bytes' }], 'bytes', Uint8Array.of(1, 255)],
  ['cast', [[text, '{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}'], { value: 'uuid' }], 'uuid', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  ['cast', [[json, '{"a": [1, null]}'], { value: 'document' }], 'document', new Map([['a', [1, null]]])],
  ['cast', [[json, '{"a": 1}'], { value: 'text' }], 'text', '{"a": 1}'],
  ['cast', [[float, Number.NaN], { value: 'decimal' }], 'decimal', 'NaN'],
  ['cast', [[float, 1e21], { value: 'decimal' }], 'decimal', '1000000000000000000000'],
  ['cast', [[dynamic, new Tagged(decimal, '1.5')], { value: 'text' }], 'text', '1.5'],
])('%s, case %#', (name, args, kind, value) => {
  expect(call(name, args)).toEqual({ kind, value });
});
