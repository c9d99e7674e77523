import { type PortableDocument, type PortableType, type PortableValue, portableColumn } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinKeyOf } from '../src/extract/join-key.ts';
import { parseSpec, type SpecInput } from '../src/index.ts';
import { distinctRows } from '../src/load/distinct.ts';
import { flattened } from '../src/transform/flattened-input.ts';
import { commonType, inferFields } from '../src/transform/infer-columns.ts';

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const { document } = fc.letrec<{ document: PortableDocument; value: PortableValue }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('document')),
  document: fc
    .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('value'), { maxKeys: 4 })
    .map((fields) => new Map(Object.entries(fields))),
}));

function leaves(value: PortableValue, path: string[] = []): [string, PortableValue][] {
  if (!(value instanceof Map) || (value.size === 0 && path.length > 0)) return [[path.join('.'), value]];
  return [...value].flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

describe('flatten', () => {
  it('keeps every value under the names of its way, in order', () => {
    fc.assert(
      fc.property(document, (nested) => {
        // A dot stands in no name, so that no two ways have the same text.
        expect([...flattened(nested, { separator: '.', max_depth: 99 })]).toEqual(leaves(nested));
      }),
    );
  });

  it('leaves what is deeper than max_depth, and refuses two fields of one name', () => {
    const nested: PortableDocument = new Map([['a', new Map([['b', new Map([['c', 1]])]])]]);
    expect(flattened(nested, { separator: '_', max_depth: 2 })).toEqual(new Map([['a_b', new Map([['c', 1]])]]));
    const clash: PortableDocument = new Map<string, PortableValue>([
      ['a_b', 1],
      ['a', new Map([['b', 2]])],
    ]);
    expect(() => flattened(clash, { separator: '_', max_depth: 9 })).toThrow('two fields a_b');
  });
});

describe('the type of several values', () => {
  const types: PortableType[] = [
    { kind: 'int16' },
    { kind: 'int32' },
    { kind: 'int64' },
    { kind: 'float64' },
    { kind: 'decimal' },
    { kind: 'text' },
    { kind: 'boolean' },
    { kind: 'array', of: { kind: 'int32' } },
    { kind: 'document' },
  ];

  it('does not depend on their order, and is that of each where all have one', () => {
    for (const left of types) {
      expect(commonType(left, left)).toEqual(left);
      for (const right of types) expect(commonType(left, right)).toEqual(commonType(right, left));
    }
  });

  it.each<[string, PortableValue[], string, boolean]>([
    ['integers', [1, 5n], 'int64', false],
    ['numbers', [1, 1.5], 'float64', false],
    ['a number and a text', [1, 'a'], 'dynamic', false],
    ['a text and null', [null, 'a'], 'text', true],
    ['null', [null], 'dynamic', true],
  ])('of %s', (_name, values, kind, nullable) => {
    const [field] = inferFields(values.map((value) => new Map([['x', value]])));
    expect([field!.type.kind, field!.nullable]).toEqual([kind, nullable]);
  });

  it('is nullable where a document lacks the field', () => {
    expect(inferFields([new Map([['x', 1]]), new Map()])).toEqual([{ name: 'x', type: { kind: 'int32' }, nullable: true }]);
  });
});

it('keys of a join are equal where the values are, whatever their types, and nothing is equal to null', () => {
  const text = (type: PortableType, value: PortableValue) => joinKeyOf([[type, value]])?.text;
  expect(text({ kind: 'int32' }, 5)).toBe(text({ kind: 'int64' }, 5n));
  expect(text({ kind: 'decimal' }, '5.00')).toBe(text({ kind: 'int16' }, 5));
  expect(text({ kind: 'dynamic' }, 'a')).toBe(text({ kind: 'text' }, 'a'));
  expect(text({ kind: 'text' }, '5')).not.toBe(text({ kind: 'int32' }, 5));
  expect(joinKeyOf([[{ kind: 'text' }, null]])).toBeUndefined();
  expect(joinKeyOf([[{ kind: 'int64' }, 2n ** 60n]], true)?.refused).toContain('too large');
});

it('distinct rows keep one of those that are equal, and reject one that says something else', () => {
  const columns = [portableColumn('id', { kind: 'int32' }), portableColumn('name', { kind: 'text' })];
  const batch = {
    kind: 'rows' as const,
    columns,
    rows: [
      [1, 'a'],
      [2, 'b'],
      [1, 'a'],
      [2, 'c'],
    ],
  };
  expect(distinctRows(batch, ['id'], 'insert')).toMatchObject({
    positions: [0, 1],
    repeated: 1,
    rejected: [{ index: 3, key: 2, code: 'DUPLICATE_KEY' }],
  });
  expect(distinctRows(batch, ['id'], 'ignore')).toMatchObject({ positions: [0, 1], repeated: 2, rejected: [] });
});

describe('steps', () => {
  const check = (...steps: object[]) =>
    parseSpec({
      name: 'steps',
      source: { type: 'a', url: 'a:' },
      target: { type: 'b', url: 'b:' },
      steps,
    } as SpecInput);
  const extract = { type: 'extract', source_table: 't' };
  const transform = { type: 'transform' };
  const load = { type: 'load', target_table: 't' };
  const child = { field: 'items', target_table: 'items' };

  it.each([
    [[extract, load]],
    [[extract, transform, load]],
    [[extract, load, transform, load]],
    [[extract, load, extract, transform, load, load]],
  ])('may be in this order: %j', (steps) => {
    expect(() => check(...steps)).not.toThrow();
  });

  it.each([
    [[load]],
    [[extract]],
    [[extract, transform]],
    [[extract, transform, transform, load]],
    [[extract, load, transform]],
    [[extract, load, extract]],
  ])('are refused in this order: %j', (steps) => {
    expect(() => check(...steps)).toThrow('expected extract');
  });

  it.each([
    [{}, 'foreign_key'],
    [{ foreign_key: {} }, 'at least one field'],
    [{ junction: { target_table: 'j', foreign_key: { a: 'id' }, element_key: { b: 'id' } } }, 'key'],
    [
      { key: ['id'], index_field: 'n', junction: { target_table: 'j', foreign_key: { a: 'id' }, element_key: { b: 'id' } } },
      'index_field',
    ],
  ])('refuse a child with %j', (parts, message) => {
    expect(() => check(extract, { ...load, children: [{ ...child, ...parts }] })).toThrow(message);
  });
});
