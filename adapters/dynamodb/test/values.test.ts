import { compareDecimals, type PortableValue, parseJson, plainOf, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttributeValue, attributeText } from '../src/values/attribute.ts';
import { portableValue } from '../src/values/from-attribute.ts';
import { attributeFromJson, attributeToJson } from '../src/values/json.ts';
import { jsonAttribute } from '../src/values/json-text.ts';
import { numberText, writtenNumber } from '../src/values/number.ts';
import { measureItem } from '../src/values/size.ts';
import { dynamicAttribute, encoderOf } from '../src/values/to-attribute.ts';
import { attribute, numberDigits } from './arbitraries.ts';

const lost: string[] = [];
const note = (loss: string): void => void lost.push(loss);

describe('values', () => {
  it('are read and written again as they were, sets and bytes and all digits among them', () => {
    fc.assert(
      fc.property(attribute, (value) => {
        const back = dynamicAttribute(portableValue(value), (loss) => expect(loss).toBe('field_order'));
        expect(attributeText(back)).toBe(attributeText(value));
      }),
      { numRuns: 500 },
    );
  });

  it('are kept aside as JSON, exactly', () => {
    fc.assert(
      fc.property(attribute, (value) => {
        const json = JSON.parse(JSON.stringify(attributeToJson(value))) as never;
        expect(attributeText(attributeFromJson(json))).toBe(attributeText(value));
      }),
      { numRuns: 300 },
    );
  });

  it('of different types never look the same', () => {
    const values: AttributeValue[] = [
      { S: '1' },
      { N: '1' },
      { B: new Uint8Array([1]) },
      { BOOL: true },
      { NULL: true },
      { L: [{ N: '1' }] },
      { SS: ['1'] },
      { NS: ['1'] },
      { BS: [new Uint8Array([1])] },
      { M: { '1': { N: '1' } } },
    ];
    expect(new Set(values.map(attributeText)).size).toBe(values.length);
  });
});

describe('numbers', () => {
  it('keep their value, and lose only zeros that mean nothing', () => {
    fc.assert(
      fc.property(numberDigits, (text) => {
        const written = writtenNumber(text)!;
        expect(written.rounded).toBe(false);
        expect(compareDecimals(written.text, text)).toBe(0);
        expect(numberText(written.text)).toBe(written.text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-0012.500', '-12.5'],
    ['1E-130', `0.${'0'.repeat(129)}1`],
    ['9.9999999999999999999999999999999999999E+125', `${'9'.repeat(38)}${'0'.repeat(88)}`],
    ['0e5', '0'],
  ])('%s is %s', (text, expected) => {
    expect(writtenNumber(text)).toEqual({ text: expected, rounded: false });
  });

  it('of more than 38 digits are rounded half to even, and say so', () => {
    expect(writtenNumber(`${'1'.repeat(38)}5`)).toEqual({ text: `${'1'.repeat(37)}20`, rounded: true });
    expect(writtenNumber(`${'1'.repeat(37)}25`)).toEqual({ text: `${'1'.repeat(37)}20`, rounded: true });
    expect(writtenNumber(`${'9'.repeat(38)}.9`)).toEqual({ text: `1${'0'.repeat(38)}`, rounded: true });
  });

  it.each(['NaN', 'Infinity', '-Infinity', '1e126', '1e-131', '', 'x'])('%s is none', (text) => {
    expect(writtenNumber(text)).toBeUndefined();
  });
});

describe('JSON texts', () => {
  it('become the values that they stand for, with all digits', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/[eE][+-]?\d{3}/.test(text));
        const value = plainOf({ kind: 'dynamic' }, portableValue(jsonAttribute(text, note)));
        expect(numbersAsText(value)).toEqual(numbersAsText(parseJson(text)));
      }),
      { numRuns: 500 },
    );
    expect(jsonAttribute('[12345678901234567890.123456789, "1", "\\"n1\\": 2"]', note)).toEqual({
      L: [{ N: '12345678901234567890.123456789' }, { S: '1' }, { S: '"n1": 2' }],
    });
  });

  it.each([
    ['null', ['json_null']],
    ['{"a": 1, "a": {"b": 1, "b": 2}}', ['duplicate_json_keys']],
    ['{"b": 1, "a": "x: \\"y\\":"}', ['field_order']],
    ['[1e400, -0]', ['number_as_text', 'negative_zero']],
  ])('%s loses %j', (text, losses) => {
    lost.length = 0;
    jsonAttribute(text, note);
    expect(lost).toEqual(losses);
  });

  it.each(['', '{', '{"a": 01}', 'nul'])('%j is none', (text) => {
    expect(() => encoderOf({ kind: 'json' })(text, note)).toThrow(/not valid JSON/);
  });
});

describe('sets', () => {
  it.each<[string, PortableValue, AttributeValue]>([
    ['of texts', new Tagged({ kind: 'array', of: { kind: 'text' } }, ['b', 'a']), { SS: ['b', 'a'] }],
    ['that became empty', new Tagged({ kind: 'array', of: { kind: 'text' } }, []), { L: [] }],
    [
      'with a member twice',
      new Tagged({ kind: 'array', of: { kind: 'decimal' } }, ['1', '1.0']),
      { L: [{ N: '1' }, { N: '1' }] },
    ],
    ['with a null', new Tagged({ kind: 'array', of: { kind: 'text' } }, ['a', null]), { L: [{ S: 'a' }, { NULL: true }] }],
    ['of a type that has no sets', new Tagged({ kind: 'array', of: { kind: 'boolean' } }, [true]), { L: [{ BOOL: true }] }],
  ])('%s', (_title, value, expected) => {
    expect(dynamicAttribute(value, note)).toEqual(expected);
  });
});

describe('items', () => {
  it('are measured as the service does', () => {
    expect(measureItem({ id: { N: '1' }, ab: { S: 'é' } }).bytes).toBe(2 + 2 + 2 + 2);
    expect(measureItem({ id: { S: 'x'.repeat(409_600) } }).problem).toMatch(/400 KB/);
    expect(measureItem({ id: { S: 'x'.repeat(409_598) } }).problem).toBeUndefined();
  });
});

/** JSON.parse knows float64 alone. */
function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return `#${Number(value)}`;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return `#${Number(value)}`;
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([name, inner]) => [name, numbersAsText(inner)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
