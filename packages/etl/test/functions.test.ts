import { isPolyshiftError, jsonOf, literalOf, type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { builtInFunctions } from '../src/index.ts';
import { applyRule, call } from './rule-bench.ts';

const text: PortableType = { kind: 'text' };
const int: PortableType = { kind: 'int32' };
const big: PortableType = { kind: 'int64' };
const decimal: PortableType = { kind: 'decimal' };
const float: PortableType = { kind: 'float64' };
const instant: PortableType = { kind: 'timestamptz' };
const json: PortableType = { kind: 'json' };
const dynamic: PortableType = { kind: 'dynamic' };

describe('the built-in functions', () => {
  it.each(Object.entries(builtInFunctions))('%s does what its example in the reference says', (name, definition) => {
    const fields: Record<string, PortableType> = { unused: int };
    const row: PortableValue[] = [1];
    const args = definition.example.args.map((argument, index) => {
      if (definition.parameters[Math.min(index, definition.parameters.length - 1)]!.literal) return { value: argument };
      const field =
        argument !== null && typeof argument === 'object' && '$field' in argument ? (argument.$field as object) : undefined;
      const [fieldName, value] = field ? Object.entries(field)[0]! : [`f${index}`, argument];
      const zoned = value !== null && typeof value === 'object' && '$timestamptz' in value;
      const literal = zoned ? { type: instant, value: value.$timestamptz as string } : literalOf(value);
      fields[fieldName] = Array.isArray(value) ? { kind: 'array', of: literalOf(value[0]).type } : literal.type;
      row.push(literal.value);
      return fieldName;
    });
    const { type, values } = applyRule({ type: 'function', function: name, args }, fields, [row]);
    expect(values[0] === null ? null : jsonOf(type, values[0] as PortableValue)).toEqual(definition.example.result);
    expect(definition.summary).toMatch(/\.$/);
  });

  it.each(Object.entries(builtInFunctions).filter(([, definition]) => definition.nulls === 'null'))(
    '%s of null is null',
    (name, definition) => {
      const args = definition.parameters
        .filter((parameter) => !parameter.optional)
        .map((parameter, index) =>
          parameter.literal ? { value: definition.example.args[index] } : ([dynamic, null] as [PortableType, null]),
        );
      expect(call(name, args).value).toBeNull();
    },
  );

  it.each<[string, Parameters<typeof call>[1], string, unknown]>([
    ['coalesce', [[text, null], [text, undefined], { value: 'c' }], 'text', 'c'],
    ['coalesce', [[int, null], { value: 7 }], 'int32', 7],
    ['coalesce', [[big, null], { value: 7 }], 'int64', 7n],
    [
      'coalesce',
      [
        [int, null],
        [text, 'x'],
      ],
      'dynamic',
      'x',
    ],
    [
      'coalesce',
      [
        [int, null],
        [int, null],
      ],
      'int32',
      null,
    ],
    ['null_if', [[int, 5], { value: 5 }], 'int32', null],
    ['null_if', [[decimal, '5.00'], { value: 5 }], 'decimal', null],
    ['null_if', [[int, 5], { value: 6 }], 'int32', 5],
    ['if_null', [[decimal, null], { value: 1.5 }], 'decimal', '1.5'],
    [
      'pack',
      [
        [int, undefined],
        [text, null],
        [instant, '2024-01-01T00:00:00.123456Z'],
      ],
      'document',
      new Map<string, PortableValue>([
        ['b', null],
        ['c', new Tagged(instant, '2024-01-01T00:00:00.123456Z')],
      ]),
    ],
    [
      'concat',
      [
        [text, 'a'],
        [int, 5],
        [text, null],
        [instant, '2024-01-01T00:00:00Z'],
      ],
      'text',
      'a52024-01-01T00:00:00Z',
    ],
    ['concat', [[text, null]], 'text', null],
    ['lower', [[text, 'ÄÉ']], 'text', 'äé'],
    ['length', [[text, '👍🏽a']], 'int32', 3],
    ['length', [[{ kind: 'array', of: int }, [1, 2]]], 'int32', 2],
    ['substring', [[text, 'abcdef'], { value: -3 }], 'text', 'def'],
    ['substring', [[text, 'abcdef'], { value: 2 }, { value: 2 }], 'text', 'bc'],
    ['substring', [[text, 'abc'], { value: 9 }], 'text', ''],
    ['substring', [[text, 'abc'], { value: 1 }, { value: -1 }], 'text', '<substring takes no negative length>'],
    ['replace', [[text, 'a.b.c'], { value: '.' }, { value: '' }], 'text', 'abc'],
    ['replace', [[text, 'abc'], { value: '' }, { value: 'x' }], 'text', 'abc'],
    ['join', [[{ kind: 'array', of: int }, [1, null, 3]], { value: '-' }], 'text', '1-3'],
    ['map_values', [[int, 2], { value: { 1: 'one', 2: 'two' } }], 'text', 'two'],
    ['map_values', [[int, 3], { value: { 1: 'one' } }, { value: 'many' }], 'text', 'many'],
    ['map_values', [[text, '__proto__'], { value: { a: 'b' } }], 'text', null],
    [
      'add',
      [
        [int, 2147483647],
        [int, 1],
      ],
      'int64',
      2147483648n,
    ],
    [
      'add',
      [
        [big, 9223372036854775807n],
        [int, 1],
      ],
      'int64',
      '<9223372036854775807 + 1 is beyond the range of int64>',
    ],
    [
      'add',
      [
        [decimal, '0.1'],
        [decimal, '0.2'],
      ],
      'decimal',
      '0.3',
    ],
    [
      'subtract',
      [
        [decimal, '1'],
        [int, 2],
      ],
      'decimal',
      '-1',
    ],
    [
      'multiply',
      [[decimal, '123456789012345678901234567890.12'], { value: 1.19 }],
      'decimal',
      '146913578924691357892469135789.2428',
    ],
    [
      'multiply',
      [
        [float, 0.5],
        [int, 3],
      ],
      'float64',
      1.5,
    ],
    [
      'add',
      [
        [decimal, 'NaN'],
        [int, 1],
      ],
      'decimal',
      'NaN',
    ],
    [
      'add',
      [
        [decimal, 'Infinity'],
        [int, 1],
      ],
      'decimal',
      'Infinity',
    ],
    [
      'divide',
      [
        [int, 1],
        [int, 3],
      ],
      'decimal',
      '0.33333333333333333333',
    ],
    [
      'divide',
      [
        [decimal, '2.00'],
        [decimal, '0.5'],
      ],
      'decimal',
      '4',
    ],
    [
      'divide',
      [
        [int, 1],
        [int, 0],
      ],
      'decimal',
      '<division by zero>',
    ],
    [
      'divide',
      [
        [float, 1],
        [float, 0],
      ],
      'float64',
      '<division by zero>',
    ],
    ['round', [[decimal, '-2.5']], 'decimal', '-3'],
    ['round', [[float, 1.005], { value: 2 }], 'float64', 1.01],
    ['round', [[int, 1250], { value: -2 }], 'int32', 1300],
    ['abs', [[big, -9223372036854775807n]], 'int64', 9223372036854775807n],
    ['abs', [[decimal, '-1.50']], 'decimal', '1.50'],
    ['date', [[instant, '2024-12-31T23:59:59.9Z']], 'date', '2024-12-31'],
    ['date', [[instant, 'infinity']], 'date', 'infinity'],
    ['date', [[instant, 'infinity'], { value: 'year' }], 'int32', '<infinity has no parts>'],
    ['date', [[{ kind: 'date' }, '2027-01-01'], { value: 'week' }], 'int32', 53],
    ['date', [[{ kind: 'date' }, '2024-03-31'], { value: 'quarter' }], 'int32', 1],
    ['date', [[instant, '1969-12-31T23:59:59.5Z'], { value: 'second' }], 'int32', 59],
    [
      'date',
      [[instant, '2024-02-03T04:05:06.000007Z'], { value: 'DD.MM.YYYY hh:mm:ss.ffffff' }],
      'text',
      '03.02.2024 04:05:06.000007',
    ],
    ['to_timestamp', [[text, '2024-01-01 12:00:00.5+02:00']], 'timestamptz', '2024-01-01T10:00:00.5Z'],
    ['to_timestamp', [[text, '2024-02-30']], 'timestamptz', '<"2024-02-30" is not a date and time that exists>'],
    ['to_timestamp', [[decimal, '1700000000.123456']], 'timestamptz', '2023-11-14T22:13:20.123456Z'],
    ['to_timestamp', [[big, 1700000000123n], { value: 'milliseconds' }], 'timestamptz', '2023-11-14T22:13:20.123Z'],
    ['hash', [[text, 'abc']], 'text', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['json_get', [[json, '{"a":[{"b":12345678901}]}'], { value: 'a.0.b' }], 'dynamic', 12345678901n],
    ['json_get', [[json, '{"a":1}'], { value: 'b.c' }], 'dynamic', null],
    ['json_parse', [[text, '{']], 'dynamic', expect.stringContaining('<not JSON')],
    ['first', [[json, '[5, 6]']], 'dynamic', 5],
    ['last', [[{ kind: 'array', of: text }, []]], 'text', null],
    [
      'array',
      [
        [int, 1],
        [int, null],
      ],
      'array',
      [1, null],
    ],
    [
      'array',
      [
        [int, 1],
        [decimal, '2.5'],
      ],
      'array',
      [1, new Tagged(decimal, '2.5')],
    ],
    ['lower', [[dynamic, 'A']], 'text', 'a'],
    ['lower', [[dynamic, 5]], 'text', '<lower takes text as its text, not int32>'],
    [
      'add',
      [
        [dynamic, 5],
        [dynamic, 6n],
      ],
      'dynamic',
      11n,
    ],
  ])('%s, case %#', (name, args, kind, value) => {
    expect(call(name, args)).toEqual({ kind, value });
  });
});

it('refuses to cast to what is no type', () => {
  const compile = () => applyRule({ type: 'constant', value: 1, to: 'varchar(10)' }, { a: int }, []);
  expect(compile).toThrowError(expect.objectContaining({ code: 'INVALID_EXPRESSION' }));
  try {
    compile();
  } catch (error) {
    expect(isPolyshiftError(error) && error.place?.path).toContain('transformation_rules.result');
  }
});
