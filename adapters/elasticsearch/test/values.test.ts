import { canonicalText, compareDecimals, documentText, type JsonObject, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeAt, withField } from '../src/json/change-at.ts';
import { JsonNumber, nodeText } from '../src/json/node.ts';
import { parseFields, parseJsonText } from '../src/json/parse.ts';
import { putBackAt } from '../src/json/put-back.ts';
import { fieldTypes, portableTypeOfField } from '../src/mapping/field-types.ts';
import { parseTypeText } from '../src/mapping/type-text.ts';
import { mappingFor } from '../src/types.ts';
import { decodeAt, decodeFields } from '../src/values/decode.ts';
import { encodeValue } from '../src/values/encode.ts';
import { decimalText, portableDocument } from './arbitraries.ts';

const noLoss = (loss: string): never => {
  throw new Error(`a loss: ${loss}`);
};
const types = (properties: JsonObject) => fieldTypes({ properties });

/** Digits with the point moved by an exponent. */
function decimalOf(digits: bigint, exponent: number): string {
  if (exponent >= 0) return String(digits * 10n ** BigInt(exponent));
  const text = String(digits < 0n ? -digits : digits).padStart(1 - exponent, '0');
  return `${digits < 0n ? '-' : ''}${text.slice(0, exponent)}.${text.slice(exponent)}`;
}

describe('values', () => {
  it('come back from documents as they went in, with their types', () => {
    fc.assert(
      fc.property(portableDocument, (document) => {
        const node = encodeValue({ kind: 'document' }, document, noLoss);
        const back = decodeFields(parseFields(nodeText(node)), new Map());
        expect(documentText(back)).toBe(documentText(document));
        expect([...back.keys()]).toEqual([...document.keys()]);
      }),
    );
  });

  it('that are decimals keep every digit, as texts and as numbers', () => {
    fc.assert(
      fc.property(decimalText, fc.constantFrom('keyword', 'scaled_float'), (text, native) => {
        const mapping = native === 'keyword' ? mappingFor({ kind: 'decimal' }) : { type: native, scaling_factor: 100 };
        const node = encodeValue({ kind: 'decimal' }, text, noLoss, native);
        expect(nodeText(node)).toBe(native === 'keyword' ? `"${text}"` : text);
        const back = decodeAt(parseJsonText(nodeText(node)), types({ d: mapping }), 'd');
        expect(canonicalText({ kind: 'dynamic' }, back)).toBe(canonicalText({ kind: 'decimal' }, text));
      }),
    );
  });

  it('that are numbers are read by the type of the field, and by their digits where it does not hold them', () => {
    const all = types({ i: { type: 'integer' }, l: { type: 'long' }, f: { type: 'double' } });
    const read = (text: string, path: string) => decodeAt(new JsonNumber(text), all, path);
    expect(read('7', 'i')).toBe(7);
    expect(read('7', 'l')).toBe(7n);
    expect(read('7', 'f')).toEqual(new Tagged({ kind: 'float64' }, 7));
    expect(read('0.1', 'f')).toBe(0.1);
    expect(read('1e2', 'f')).toEqual(new Tagged({ kind: 'float64' }, 100));
    expect(read('0.1000000000000000055', 'f')).toEqual(new Tagged({ kind: 'decimal' }, '0.1000000000000000055'));
    expect(read('9223372036854775808', 'l')).toEqual(new Tagged({ kind: 'decimal' }, '9223372036854775808'));
    expect(read('1e400', 'f')).toEqual(new Tagged({ kind: 'decimal' }, `1${'0'.repeat(400)}`));
  });

  it('with an exponent are the same number without one', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -30, max: 30 }), (digits, exponent) => {
        const all = types({ d: { ...mappingFor({ kind: 'decimal' }) } });
        const back = decodeAt(new JsonNumber(`${digits}e${exponent}`), all, 'd') as Tagged;
        expect(back.value).toMatch(/^-?\d+(\.\d+)?$/);
        expect(compareDecimals(back.value as string, decimalOf(digits, exponent))).toBe(0);
      }),
    );
  });

  it.each([
    { kind: 'uuid' },
    { kind: 'decimal', precision: 12, scale: 2 },
    { kind: 'text', max_length: 40 },
    { kind: 'array', of: { kind: 'array', of: { kind: 'int32' } } },
    { kind: 'range', of: { kind: 'timestamptz' } },
    { kind: 'interval' },
    { kind: 'date' },
    { kind: 'int64' },
  ] as const)('have their portable type in the mapping: %j', (type) => {
    expect(portableTypeOfField(mappingFor(type))).toEqual(type);
  });

  it('have no type in a text that names none', () => {
    for (const text of ['enum(a, b)', 'native point', 'array of', 'decimal(x)', '']) expect(parseTypeText(text)).toBeUndefined();
  });
});

describe('fields of documents', () => {
  it('are changed everywhere that a path leads, and nowhere else', () => {
    const fields = parseFields('{"a":{"b":1,"c":2},"a.b":3,"x":{"a":{"b":4}},"list":[{"a":{"b":5}}]}');
    const one = changeAt(fields, 'a.b', (inside, name) => withField(inside, name, null));
    expect(nodeText(one)).toBe('{"a":{"b":null,"c":2},"a.b":null,"x":{"a":{"b":4}},"list":[{"a":{"b":5}}]}');
    const inList = changeAt(fields, 'list.a.b', (inside, name) => withField(inside, name, null));
    expect(nodeText(inList)).toBe('{"a":{"b":1,"c":2},"a.b":3,"x":{"a":{"b":4}},"list":[{"a":{"b":null}}]}');
    expect(changeAt(fields, 'a.z', () => new Map())).toBe(fields);
  });

  it('come back to their place', () => {
    const old = parseFields('{"a":1,"b":2,"c":{"d":3,"e":4},"f":[{"g":5,"h":6},{"h":7}]}');
    const without = parseFields('{"a":10,"c":{"e":4},"f":[{"h":6},{"h":8}],"new":0}');
    expect(nodeText(putBackAt(without, old, 'b'))).toBe('{"a":10,"b":2,"c":{"e":4},"f":[{"h":6},{"h":8}],"new":0}');
    expect(nodeText(putBackAt(without, old, 'c.d'))).toBe('{"a":10,"c":{"d":3,"e":4},"f":[{"h":6},{"h":8}],"new":0}');
    expect(nodeText(putBackAt(without, old, 'f.g'))).toBe('{"a":10,"c":{"e":4},"f":[{"g":5,"h":6},{"h":8}],"new":0}');
    expect(() => putBackAt(parseFields('{"f":[{"h":6}]}'), old, 'f.g')).toThrow('array');
  });
});
