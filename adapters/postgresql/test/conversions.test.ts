import { type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../src/database.ts';
import { resolveType } from '../src/handler/type-reference.ts';
import { encoderOf } from '../src/values/encode.ts';
import { type TestDatabase, testDatabase } from './harness.ts';

let database: TestDatabase;
let direct: Database;

beforeAll(async () => {
  database = await testDatabase("CREATE TYPE mood AS ENUM ('sad', 'ok')");
  direct = await Database.connect(database.url);
});

afterAll(async () => {
  await direct?.close();
  await database?.[Symbol.asyncDispose]();
});

async function encode(native: string, type: PortableType, value: PortableValue) {
  const target = await direct.transaction((connection) => resolveType(connection, native));
  const losses: string[] = [];
  const text = encoderOf(target, type)(value, (loss) => losses.push(loss));
  return { text, losses };
}

const dynamic: PortableType = { kind: 'dynamic' };

describe('what converts', () => {
  it.each<[string, PortableType, PortableValue, string, string[]]>([
    ['integer', dynamic, 7, '7', []],
    ['integer', { kind: 'float64' }, 7, '7', []],
    ['bigint', { kind: 'decimal' }, '12345678901234567.000', '12345678901234567', []],
    ['bigint', { kind: 'text' }, ' 42 ', '42', []],
    ['double precision', { kind: 'int64' }, 2n ** 53n, '9.007199254740992e+15', []],
    ['double precision', { kind: 'int64' }, 2n ** 53n + 1n, '9.007199254740992e+15', ['integer_to_float']],
    ['double precision', { kind: 'decimal' }, '0.10', '0.1', []],
    ['double precision', { kind: 'decimal' }, '0.1000000000000000000001', '0.1', ['decimal_to_float']],
    ['real', { kind: 'float64' }, 0.1, '0.1', ['double_to_single']],
    ['real', { kind: 'float64' }, 0.5, '0.5', []],
    ['numeric', { kind: 'float64' }, 1e-7, '0.0000001', []],
    ['numeric', { kind: 'float64' }, 1e21, '1000000000000000000000', []],
    ['numeric(5,2)', { kind: 'decimal' }, '1.5', '1.50', []],
    ['numeric(5,2)', { kind: 'decimal' }, '-1.005', '-1.01', ['decimal_scale']],
    ['numeric(5,2)', { kind: 'decimal' }, '-0.001', '0.00', ['decimal_scale']],
    ['numeric(5,-2)', { kind: 'decimal' }, '12350', '12400', ['decimal_scale']],
    ['text', dynamic, 1.5, '1.5', []],
    ['text', { kind: 'object_id' }, '0123456789abcdef01234567', '0123456789abcdef01234567', []],
    ['text', { kind: 'text' }, 'a\ud800b', 'a\ufffdb', ['lone_surrogate']],
    ['character(4)', { kind: 'text' }, '日', '日   ', []],
    ['boolean', dynamic, 1, 't', []],
    ['boolean', { kind: 'text' }, 'False', 'f', []],
    ['uuid', { kind: 'text' }, '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', []],
    ['uuid', { kind: 'bytes' }, new Uint8Array(16), '00000000-0000-0000-0000-000000000000', []],
    ['bytea', { kind: 'object_id' }, '0123456789abcdef01234567', '\\x0123456789abcdef01234567', []],
    ['date', { kind: 'timestamptz' }, '2024-02-29T00:00:00Z', '2024-02-29', []],
    ['date', { kind: 'timestamptz' }, '2024-02-29T10:00:00Z', '2024-02-29', ['time_of_day']],
    ['date', { kind: 'date' }, '-000043-03-15', '0044-03-15 BC', []],
    ['timestamp', { kind: 'timestamptz' }, '2024-02-29T10:00:00Z', '2024-02-29 10:00:00', ['zone']],
    ['timestamptz', { kind: 'timestamp' }, '2024-02-29T10:00:00', '2024-02-29 10:00:00+00', ['zone_taken_for_utc']],
    ['timestamptz', { kind: 'date' }, '2024-02-29', '2024-02-29 00:00:00+00', []],
    ['timestamptz', { kind: 'timestamptz' }, '+012345-01-01T00:00:00.5Z', '12345-01-01 00:00:00.5+00', []],
    ['timestamp(3)', { kind: 'timestamp' }, '2024-01-01T00:00:00.123456', '2024-01-01 00:00:00.123', ['fraction_of_a_second']],
    ['interval', { kind: 'interval' }, 'PT90M', 'PT1H30M', []],
    ['interval', { kind: 'interval' }, 'P14M', 'P1Y2M', []],
    ['jsonb', { kind: 'json' }, '{"b":1e2,"a":"x"}', '{"a": "x", "b": 100}', ['json_letters']],
    ['json', { kind: 'json' }, '{"b":1e2 ,"a":"x"}', '{"b":1e2 ,"a":"x"}', []],
    [
      'jsonb',
      { kind: 'document' },
      new Map<string, PortableValue>([
        ['b', 1n],
        ['a', new Tagged({ kind: 'decimal' }, '1.50')],
      ]),
      '{"a": 1.50, "b": 1}',
      ['field_order'],
    ],
    [
      'jsonb',
      { kind: 'document' },
      new Map<string, PortableValue>([['a', new Tagged({ kind: 'timestamptz' }, '2024-01-01T00:00:00Z')]]),
      '{"a": "2024-01-01T00:00:00Z"}',
      ['timestamptz_as_json_text'],
    ],
    ['jsonb', { kind: 'array', of: dynamic }, [1, 'x', null, [true]], '[1, "x", null, [true]]', []],
    ['jsonb', { kind: 'text' }, 'x', '"x"', []],
    ['integer[]', { kind: 'array', of: dynamic }, [1, null, 2n], '{"1",NULL,"2"}', []],
    [
      'text[]',
      { kind: 'array', of: { kind: 'text' } },
      [
        ['a', '"'],
        ['\\', 'd'],
      ],
      '{{"a","\\""},{"\\\\","d"}}',
      [],
    ],
    ['mood', { kind: 'text' }, 'ok', 'ok', []],
    ['inet', { kind: 'text' }, '10.0.0.1/32', '10.0.0.1', []],
  ])('%s (%#)', async (native, type, value, text, losses) => {
    expect(await encode(native, type, value)).toEqual({ text, losses });
    await direct.rows(`SELECT $1::${native}`, [text]);
  });
});

describe('what does not', () => {
  it.each<[string, PortableType, PortableValue]>([
    ['integer', { kind: 'float64' }, 1.5],
    ['integer', { kind: 'float64' }, Number.NaN],
    ['integer', { kind: 'int64' }, 2n ** 31n],
    ['smallint', { kind: 'text' }, '1.5'],
    ['bigint', { kind: 'decimal' }, '9223372036854775808'],
    ['real', { kind: 'float64' }, 1e300],
    ['numeric(5,2)', { kind: 'decimal' }, '1000'],
    ['numeric(5,2)', { kind: 'decimal' }, 'Infinity'],
    ['text', { kind: 'text' }, 'a\0b'],
    ['text', { kind: 'document' }, new Map()],
    ['jsonb', { kind: 'text' }, 'a\0b'],
    ['jsonb', { kind: 'json' }, '{"a": '],
    ['character varying(3)', { kind: 'text' }, 'abcd'],
    ['character varying(3)', { kind: 'text' }, 'abc '],
    ['boolean', dynamic, 2],
    ['uuid', { kind: 'text' }, 'xyz'],
    ['date', { kind: 'text' }, 'yesterday'],
    ['timestamptz', dynamic, 5],
    ['interval', { kind: 'text' }, 'soon'],
    ['mood', { kind: 'text' }, 'angry'],
    ['integer[]', { kind: 'array', of: dynamic }, [[1], [2, 3]]],
    ['integer[]', { kind: 'array', of: dynamic }, [[], []]],
    ['integer[]', dynamic, 5],
    ['bit(3)', { kind: 'bits' }, '1010'],
    ['int4range', { kind: 'int32' }, 5],
  ])('%s (%#)', async (native, type, value) => {
    await expect(encode(native, type, value)).rejects.toMatchObject({ code: 'CONVERSION_FAILED' });
  });
});
