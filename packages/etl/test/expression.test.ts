import { isPolyshiftError, type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { applyRule } from './rule-bench.ts';

const fields: Record<string, PortableType> = {
  id: { kind: 'int64' },
  age: { kind: 'int32' },
  name: { kind: 'text' },
  price: { kind: 'decimal', precision: 12, scale: 2 },
  rate: { kind: 'float64' },
  active: { kind: 'boolean' },
  born: { kind: 'date' },
  created_at: { kind: 'timestamptz' },
  tags: { kind: 'array', of: { kind: 'text' } },
  profile: { kind: 'json' },
  anything: { kind: 'dynamic' },
};
const row: Record<string, PortableValue> = {
  id: 9007199254740993n,
  age: 30,
  name: 'Ann',
  price: '10.10',
  rate: 0.5,
  active: true,
  born: '2000-02-29',
  created_at: '2024-01-01T10:00:00.5Z',
  tags: ['a', 'b'],
  profile: '{"city": "Bonn", "zip": null, "n": 5}',
  anything: new Tagged({ kind: 'decimal' }, '2.5'),
};
const rowOf = (change: Record<string, PortableValue | undefined>) =>
  Object.keys(fields).map((name) => (name in change ? change[name] : row[name]));

const evaluate = (expression: string, change: Record<string, PortableValue | undefined> = {}) => {
  const { type, values } = applyRule({ type: 'expression', expression }, fields, [rowOf(change)]);
  return [type.kind, values[0]];
};

describe('expressions', () => {
  it.each<[string, string, unknown]>([
    ["age < 18 ? 'minor' : 'adult'", 'text', 'adult'],
    ['age + 1', 'int64', 31n],
    ['id + 1', 'int64', 9007199254740994n],
    ['id * id', 'int64', expect.stringContaining('overflow')],
    ['age / 4', 'int64', 7n],
    ['age % 4 == 2', 'boolean', true],
    ['rate * 2.0', 'float64', 1],
    ['double(age) * rate', 'float64', 15],
    ['price * 3', 'decimal', '30.30'],
    ['price * 1.19', 'decimal', '12.0190'],
    ['price + price', 'decimal', '20.20'],
    ['price - 1', 'decimal', '9.10'],
    ['price / 3', 'decimal', '3.3666666666666666666667'],
    ['price > 10 && price < 10.2', 'boolean', true],
    ['price == decimal("10.1")', 'boolean', true],
    ['price != 10.1', 'boolean', false],
    ['round(price, 1)', 'decimal', '10.1'],
    ['string(price) + name', 'text', '10.10Ann'],
    ['name.startsWith("A") && active', 'boolean', true],
    ['name + " is " + string(age)', 'text', 'Ann is 30'],
    ['name in ["Ann", "Bob"]', 'boolean', true],
    ['created_at.getFullYear()', 'int64', 2024n],
    ['born.getMonth() + 1', 'int64', 2n],
    ['created_at > timestamp("2023-12-31T00:00:00Z")', 'boolean', true],
    ['created_at + duration("36h")', 'timestamptz', '2024-01-02T22:00:00.5Z'],
    ['string(created_at)', 'text', '2024-01-01T10:00:00.5Z'],
    ['size(tags)', 'int64', 2n],
    ['tags.exists(tag, tag == "b")', 'boolean', true],
    ['tags.map(tag, tag + "!")', 'array', ['a!', 'b!']],
    ['tags[1]', 'text', 'b'],
    ['profile.city', 'dynamic', 'Bonn'],
    ['profile.n + 1', 'dynamic', 6n],
    ['has(profile.street) ? "yes" : "no"', 'text', 'no'],
    ['profile.street', 'dynamic', null],
    [
      '{"name": name, "age": age}',
      'document',
      new Map<string, PortableValue>([
        ['name', 'Ann'],
        ['age', 30n],
      ]),
    ],
    ['[age, 1]', 'array', [30n, 1n]],
    ['anything * 2', 'dynamic', new Tagged({ kind: 'decimal' }, '5.0')],
    ['1 + 1', 'int64', 2n],
    ['age == null ? 0 : age', 'int64', 30n],
  ])('%s gives %s', (expression, kind, value) => {
    expect(evaluate(expression)).toEqual([kind, value]);
  });

  it.each<[string, Record<string, PortableValue | undefined>, unknown]>([
    ['age + 1', { age: null }, null],
    ["age < 18 ? 'minor' : 'adult'", { age: null }, null],
    ["age < 18 ? 'minor' : 'adult'", { age: undefined }, null],
    ["age == null ? 'unknown' : string(age)", { age: null }, 'unknown'],
    ["age == null ? 'unknown' : string(age)", { age: undefined }, 'unknown'],
    ['age != null && age > 3', { age: null }, false],
    ['null == name', { name: null }, true],
    ['age == null || price > 5', { age: null, price: null }, null],
    ['profile == null ? "none" : profile.city', { profile: null }, 'none'],
    ['has(profile.city) ? 1 : 0', { profile: null }, 0n],
    ['name + string(age)', { name: null }, null],
  ])('%s, case %#', (expression, change, value) => {
    expect(evaluate(expression, change)[1]).toEqual(value);
  });

  it.each([
    ['age +', 'Unexpected token'],
    ['age + name', 'no such overload'],
    ['age + 1.5', 'no such overload'],
    ['age ? 1 : 2', 'must be bool'],
    ['nosuch(age)', 'nosuch'],
    ['process.exit(1)', 'process'],
    ['constructor', 'constructor'],
  ])('%s is refused when compiled', (expression, message) => {
    let caught: unknown;
    try {
      evaluate(expression);
    } catch (error) {
      caught = error;
    }
    expect(isPolyshiftError(caught) && caught.exit).toBe(2);
    expect((caught as Error).message).toContain(message);
    expect((caught as { hint?: string }).hint).toBeTruthy();
  });

  it('counts timestamps that lose their microseconds, and only where the result holds one', () => {
    const lossy = { created_at: '2024-01-01T10:00:00.123456Z' };
    expect(evaluate('created_at + duration("1s")', lossy)[1]).toBe('2024-01-01T10:00:01.123Z');
    expect(evaluate('created_at.getFullYear()', lossy)[1]).toBe(2024n);
  });
});
