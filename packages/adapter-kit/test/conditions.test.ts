import { type Conditions, isPolyshiftError, type PortableDocument, type PortableValue, Tagged } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { compileConditions } from '../src/conditions/compile-conditions.ts';
import { likePattern } from '../src/conditions/like-pattern.ts';

const decimal = (digits: string) => new Tagged({ kind: 'decimal' }, digits);
const instant = (text: string) => new Tagged({ kind: 'timestamptz' }, text);
const uuid = '6f1ed002-ab59-4bc8-8b3c-0a1b2c3d4e5f';

/** The rows of the PostgreSQL adapter's own test of conditions, with the types that a store without tables gives. */
const rows: Record<string, PortableValue>[] = [
  {
    id: 1,
    name: 'Ann',
    n: 10,
    price: decimal('1.50'),
    f: 0.5,
    at: instant('2024-01-01T00:00:00Z'),
    ok: true,
    data: document({ a: 1 }),
  },
  {
    id: 2,
    name: "O'Brien",
    n: 20n,
    price: decimal('2.25'),
    f: 1.5,
    at: instant('2024-06-01T00:00:00Z'),
    ok: false,
    data: document({ a: 2 }),
  },
  { id: 3, n: null },
  {
    id: 4,
    name: '100%_x\\',
    n: -5,
    price: decimal('-0.01'),
    f: Number.NaN,
    at: instant('2023-12-31T23:59:59.999999Z'),
    ok: true,
    data: 's',
  },
];

/** Documents like those of the MongoDB adapter's own test. */
const things: Record<string, PortableValue>[] = [
  {
    id: 1,
    name: 'a%b',
    n: 5,
    at: instant('2024-02-29T12:00:00Z'),
    tags: ['x', null],
    ref: new Tagged({ kind: 'object_id' }, '507f1f77bcf86cd799439011'),
  },
  {
    id: 2,
    name: 'aXb',
    n: 5n,
    at: '2024-02-29',
    tags: [],
    deep: document({ v: 1, list: [document({ w: 'q' }), document({ w: 'r' })] }),
  },
  { id: 3, name: 'line\nbreak', n: null, tags: null },
  {
    id: 4,
    name: '$gt',
    n: 7.5,
    value: document({ $gt: 1, b: instant('2024-01-01T00:00:00Z') }),
    'deep.v': 9,
    deep: document({ v: 1 }),
  },
  {
    id: 5,
    n: 'text',
    key: new Tagged({ kind: 'uuid' }, uuid),
    blob: Uint8Array.of(1, 255),
    json: new Tagged({ kind: 'json' }, '{"k": [1, 2]}'),
  },
];

function document(fields: Record<string, PortableValue>): PortableDocument {
  return new Map(Object.entries(fields));
}

function ids(of: Record<string, PortableValue>[], conditions: Conditions | undefined): PortableValue[] {
  const holds = compileConditions(conditions);
  return of
    .map(document)
    .filter(holds)
    .map((each) => each.get('id')!);
}

describe('conditions over rows', () => {
  it.each<[Conditions | undefined, number[]]>([
    [undefined, [1, 2, 3, 4]],
    [{}, [1, 2, 3, 4]],
    [{ name: 'Ann' }, [1]],
    [{ name: "O'Brien" }, [2]],
    [{ name: '100%_x\\' }, [4]],
    [{ name: null }, [3]],
    [{ n: null }, [3]],
    [{ n: { eq: null } }, [3]],
    [{ n: { ne: null } }, [1, 2, 4]],
    [{ nothing: { is_null: true } }, [1, 2, 3, 4]],
    [{ nothing: { is_null: false } }, []],
    [{ name: { ne: 'Ann' } }, [2, 3, 4]],
    [{ name: { in: ['Ann', null] } }, [1]],
    [{ name: { nin: ['Ann'] } }, [2, 3, 4]],
    [{ name: { nin: ['Ann', null] } }, [2, 3, 4]],
    [{ name: { nin: [] } }, [1, 2, 3, 4]],
    [{ name: { in: [] } }, []],
    [{ name: { gte: null } }, []],
    [{ name: { like: '1%' } }, [4]],
    [{ name: { like: '100\\%\\_x\\\\' } }, [4]],
    [{ name: { like: 'ann' } }, []],
    [{ n: { like: '%' } }, []],
    [{ n: { gt: 9.5 } }, [1, 2]],
    [{ n: { gte: 10, lte: 10 } }, [1]],
    [{ n: { lt: 1e12 } }, [1, 2, 4]],
    [{ n: { not: { gt: 15 } } }, [1, 3, 4]],
    [{ not: { n: { gt: 15 } } }, [1, 3, 4]],
    [{ or: [{ n: 10 }, { name: { is_null: true } }] }, [1, 3]],
    [{ and: [{ n: { gt: 0 } }, { ok: false }] }, [2]],
    [{ price: 1.5 }, [1]],
    [{ price: { gt: 1.499 } }, [1, 2]],
    [{ price: { eq: { $numberDecimal: '2.250' } } as never }, [2]],
    [{ f: { gte: 1 } }, [2, 4]],
    [{ at: { gte: '2024-01-01' } }, [1, 2]],
    [{ at: '2024-01-01T00:00:00Z' }, [1]],
    [{ at: { lt: '2024-01-01T01:00:00+01:00' } }, [4]],
    [{ at: { ne: '2024-01-01' } }, [2, 3, 4]],
    [{ at: { in: ['2024-01-01 00:00', 'infinity'] } }, [1]],
    [{ at: { lt: 'infinity' } }, [1, 2, 4]],
    [{ ok: true }, [1, 4]],
    [{ ok: { lt: true } }, [2]],
    [{ data: { eq: { a: 1 } } as never }, [1]],
    [{ data: 's' }, [4]],
    [{ 'data.a': { gt: 1 } }, [2]],
    [{ id: { in: [1, 3.5, 4] } }, [1, 4]],
  ])('%j', (conditions, expected) => {
    expect(ids(rows, conditions)).toEqual(expected);
  });
});

describe('conditions over documents', () => {
  it.each<[string, Conditions, number[]]>([
    ['numbers of any type are equal by value', { n: 5 }, [1, 2]],
    ['comparisons stay within a kind', { n: { gt: 5 } }, [4]],
    ['a text is no number', { n: '5' }, []],
    ['a null in an array is not null', { tags: { is_null: true } }, [3, 4, 5]],
    ['an array is not null', { tags: { is_null: false } }, [1, 2]],
    ['an element of an array', { tags: 'x' }, [1]],
    ['the whole of an array', { tags: { eq: ['x', null] } as never }, [1]],
    ['another array, with a null where this one has a text', { tags: { eq: ['x', 'y'] } as never }, []],
    ['no element of an array', { tags: { ne: 'x' } }, [2, 3, 4, 5]],
    ['like crosses lines', { name: { like: 'line%' } }, [3]],
    ['like is over the whole text', { name: { like: 'line' } }, []],
    ['like takes the signs of regular expressions as they are', { name: { like: '$g.' } }, []],
    ['a text that looks like an operator', { name: '$gt' }, [4]],
    ['a document as data, whatever the order of its fields', { value: { eq: { b: '2024-01-01', $gt: 1 } } as never }, [4]],
    ['extended JSON', { n: { eq: { $numberLong: '5' } } as never }, [1, 2]],
    ['a date by its text, beside texts', { at: { gte: '2024-02-29' } }, [1, 2]],
    ['a date by extended JSON alone', { at: { lt: { $date: '2024-03-01T00:00:00Z' } } as never }, [1]],
    ['an object id by its text', { ref: '507F1F77BCF86CD799439011' }, [1]],
    ['a uuid by its text, in any letters', { key: uuid.toUpperCase() }, [5]],
    ['a uuid is in order', { key: { gt: '6f000000-0000-0000-0000-000000000000' } }, [5]],
    ['bytes by hexadecimal digits', { blob: '\\x01ff' }, [5]],
    ['a text that is no bytes', { blob: '01ff' }, []],
    ['JSON text is what it stands for', { 'json.k': 2 }, [5]],
    ['JSON text as a whole', { json: { eq: { k: [1, 2] } } as never }, [5]],
    ['a path, and a field of that very name first', { 'deep.v': 1 }, [2]],
    ['the field of that very name', { 'deep.v': 9 }, [4]],
    ['a path through an array', { 'deep.list.w': 'r' }, [2]],
    ['a path by position', { 'deep.list.0.w': 'r' }, []],
    ['a path that is not there', { 'deep.x.y': null }, [1, 2, 3, 4, 5]],
    ['and, or, not', { and: [{ n: 5 }, { or: [{ name: 'aXb' }, { name: 'zz' }] }], not: { tags: 'x' } }, [2]],
    ['documents have no order', { value: { gt: { a: 1 } } as never }, []],
  ])('%s', (_title, conditions, expected) => {
    expect(ids(things, conditions)).toEqual(expected);
  });

  it.each<[string, PortableValue, Conditions, boolean]>([
    ['an int64 beyond 2^53 is not rounded', 9007199254740993n, { v: 9007199254740992 }, false],
    ['a whole float is all of its digits', 2 ** 62, { v: { eq: { $numberLong: '4611686018427387904' } } as never }, true],
    ['a decimal of many digits is not rounded', decimal('0.10000000000000000001'), { v: 0.1 }, false],
    ['0.1 is the decimal 0.1', decimal('0.1'), { v: 0.1 }, true],
    ['a float32 is its shortest digits', new Tagged({ kind: 'float32' }, Math.fround(0.1)), { v: 0.1 }, true],
    ['a float64 of those bits is another number', Math.fround(0.1), { v: 0.1 }, false],
    ['1e23 is ten to the power of 23', decimal(`1${'0'.repeat(23)}`), { v: 1e23 }, true],
    ['-0 is 0', -0, { v: 0 }, true],
    ['NaN is greater than every number', decimal('NaN'), { v: { gt: 1e300 } }, true],
    ['infinity is less than NaN alone', decimal('Infinity'), { v: { gt: 1e300 } }, true],
    ['a letter before an emoji by code points', '\uffff', { v: { lt: '\u{1f600}' } }, true],
    ['a date is its midnight in UTC', new Tagged({ kind: 'date' }, '2024-02-29'), { v: '2024-02-29T00:00:00Z' }, true],
    [
      'a date beyond what can be computed with',
      new Tagged({ kind: 'date' }, '+5881580-07-11'),
      { v: { gt: '2024-01-01' } },
      true,
    ],
    ['a time of day without its seconds', new Tagged({ kind: 'time' }, '12:30:00'), { v: '12:30' }, true],
    ['an interval has no order', new Tagged({ kind: 'interval' }, 'P1D'), { v: { gt: 'PT1S' } }, false],
    ['an interval equals its text', new Tagged({ kind: 'interval' }, 'P1D'), { v: 'P1D' }, true],
    ['a type of one store by its text', new Tagged({ kind: 'native', name: 'point' }, '(1,2)'), { v: '(1,2)' }, true],
    ['a boolean is no number', true, { v: 1 }, false],
    ['a boolean is no text', true, { v: 'true' }, false],
    ['an emoji is one sign of a pattern', '\u{1f600}', { v: { like: '_' } }, true],
  ])('%s', (_title, value, conditions, expected) => {
    expect(compileConditions(conditions)(document({ v: value }))).toBe(expected);
  });

  it('turns every sign of a pattern but its own into itself', () => {
    for (let code = 33; code < 127; code++) {
      const sign = String.fromCharCode(code);
      if (sign === '%' || sign === '_' || sign === '\\') continue;
      const pattern = likePattern(sign);
      expect([pattern.test(sign), pattern.test('\u0001'), pattern.test(`${sign}${sign}`)]).toEqual([true, false, false]);
    }
  });

  it.each<[Conditions, string]>([
    [{ n: { gte: 1, betwen: 2 } as never }, 'The condition of n has no operator betwen.'],
    [{ n: { lk: 'a' } as never }, 'The condition of n has no operator lk.'],
    [{ n: { in: 5 } as never }, 'The condition of n needs a list for in instead of 5.'],
    [{ n: { like: 5 } as never }, 'The condition of n needs a text for like.'],
    [
      { n: { eq: { $date: 'tomorrow' } } as never },
      '{"$date":"tomorrow"} is no value: "tomorrow" is not a date and time in ISO 8601',
    ],
  ])('%j is refused when it is compiled', (conditions, message) => {
    let caught: unknown;
    try {
      compileConditions(conditions);
    } catch (error) {
      caught = error;
    }
    expect(isPolyshiftError(caught, 'INVALID_DOCUMENT') && caught.message).toBe(message);
  });
});
