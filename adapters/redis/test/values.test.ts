import { canonicalText, type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonText } from '../src/rows/json-text.ts';
import { fromHash } from '../src/values/from-hash.ts';
import { fromJson } from '../src/values/from-json.ts';
import { parseNodes } from '../src/values/json-node.ts';
import { toHash } from '../src/values/to-hash.ts';
import { toJson } from '../src/values/to-json.ts';

/** Any dynamic value. */
const { dynamic } = fc.letrec<{ dynamic: PortableValue }>((tie) => ({
  dynamic: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'dynamic' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double().map((value) => ((value | 0) === value && !Object.is(value, -0) ? new Tagged({ kind: 'float64' }, value) : value)),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\0', '\0null:', '\0int32:5', '{"$type":"uuid","$value":"x"}'),
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom('0.10', '12345678901234567890.123', '123456789012345678901234567890', 'NaN')
      .map((digits) => new Tagged({ kind: 'decimal' }, digits)),
    fc.uuid().map((value) => new Tagged({ kind: 'uuid' }, value)),
    fc.constant(new Tagged({ kind: 'json' }, ' {"a": 1.0}')),
    fc.constant(new Tagged({ kind: 'json' }, 'null')),
    fc.constant(new Tagged({ kind: 'timestamptz' }, '2024-02-29T00:00:00.000001Z')),
    fc.constant(new Tagged({ kind: 'native', name: 'a}:b' }, 'x')),
    fc.array(tie('dynamic'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('$type', '$value', '__proto__', '1')), tie('dynamic')), {
        maxLength: 3,
      })
      .map((entries) => new Map(entries)),
  ),
}));

const text = (value: PortableValue): string => canonicalText({ kind: 'dynamic' }, value);

describe('values', () => {
  it('come back from JSON as they were, whatever they are', () => {
    fc.assert(
      fc.property(dynamic, (value) => {
        const json = toJson({ kind: 'dynamic' }, value);
        JSON.parse(json);
        expect(text(fromJson({ kind: 'dynamic' }, json, parseNodes(json)))).toBe(text(value));
      }),
    );
  });

  it('come back from a field of a hash that has no type', () => {
    fc.assert(
      fc.property(dynamic, (value) => {
        expect(text(fromHash(undefined, toHash(undefined, value, true), true))).toBe(text(value));
      }),
    );
  });

  it.each<[PortableType, PortableValue, string]>([
    [{ kind: 'int32' }, 31, '31'],
    [{ kind: 'boolean' }, false, 'false'],
    [{ kind: 'text' }, '', ''],
    [{ kind: 'text' }, '\0x', '\0:\0x'],
    [{ kind: 'bytes' }, Uint8Array.of(0, 255), '\0:\0\xff'],
    [{ kind: 'decimal' }, '0.10', '0.10'],
    [{ kind: 'document' }, new Map<string, PortableValue>([['a', [1, null]]]), '{"a":[1,null]}'],
    [{ kind: 'text' }, null, '\0null:'],
  ])('of the type of their field are plain: %j', (type, value, raw) => {
    expect(toHash(type, value, true).toString('latin1')).toBe(raw);
    expect(text(fromHash(type, toHash(type, value, true), true))).toBe(canonicalText(type, value));
  });

  it('that an application has written in another form are texts, or bytes', () => {
    expect(fromHash({ kind: 'int32' }, Buffer.from('many'), true)).toBe('many');
    expect(fromHash({ kind: 'timestamptz' }, Buffer.from('2024-02-29 10:00'), true)).toEqual(
      new Tagged({ kind: 'timestamptz' }, '2024-02-29T10:00:00Z'),
    );
    expect(fromHash(undefined, Buffer.from([0xff, 0xfe]), false)).toEqual(Buffer.from([0xff, 0xfe]));
    expect(fromHash(undefined, Buffer.from('\0null:'), false)).toBe('\0null:');
  });

  it.each([
    ['{ "a" : 1 ,  "b":2.50 }', (json: JsonText) => json.set('c', '3'), '{ "a" : 1 ,  "b":2.50,"c":3 }'],
    ['{ "a" : 1 ,  "b":2.50 }', (json: JsonText) => json.set('a', '9'), '{ "a" : 9 ,  "b":2.50 }'],
    ['{ "a" : 1 ,  "b":2.50 }', (json: JsonText) => json.rename('a', 'x"y'), '{ "x\\"y" : 1 ,  "b":2.50 }'],
    ['{ "a" : 1 ,  "b":2.50 }', (json: JsonText) => json.unset('a'), '{ "b":2.50 }'],
    ['{ "a" : 1 ,  "b":2.50 }', (json: JsonText) => json.unset('b'), '{ "a" : 1 }'],
    ['{"a":1,"a":2}', (json: JsonText) => json.unset('a'), '{}'],
    ['{}', (json: JsonText) => json.set('a', 'null'), '{"a":null}'],
  ])('in JSON are changed in %s and nothing beside them', (before, change, after) => {
    expect(change(JsonText.parse(Buffer.from(before), '1')).text).toBe(after);
  });

  it.each(['{"a":1', '{"a":01}', '{"a":"\\x"}', '[1]', '{"a":1}x', '{"a":"\n"}'])('refuse a row whose text is %j', (broken) => {
    expect(() => JsonText.parse(Buffer.from(broken), '7')).toThrow(/the row 7 is a string/);
  });
});
