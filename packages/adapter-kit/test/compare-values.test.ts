import { canonicalText, compareDecimals, type PortableValue, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { singleDigits } from '../src/values/compare-numbers.ts';
import { compareTexts } from '../src/values/compare-texts.ts';
import { compareValues } from '../src/values/compare-values.ts';
import { portableNumber, portableText, portableValue } from './arbitraries.ts';

describe('the order of values', () => {
  it('is antisymmetric, and each value equals itself', () => {
    fc.assert(
      fc.property(portableValue, portableValue, (a, b) => {
        expect(compareValues(a, b) + compareValues(b, a)).toBe(0);
        expect(compareValues(a, structuredCopy(a))).toBe(0);
      }),
    );
  });

  it('is transitive', () => {
    const values = fc.oneof(portableValue, portableNumber, portableText);
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort(compareValues) as [PortableValue, PortableValue, PortableValue];
        expect(compareValues(x, y)).toBeLessThanOrEqual(0);
        expect(compareValues(y, z)).toBeLessThanOrEqual(0);
        expect(compareValues(x, z)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('holds equal what has one canonical text', () => {
    fc.assert(
      fc.property(portableValue, portableValue, (a, b) => {
        if (canonicalText({ kind: 'dynamic' }, a) === canonicalText({ kind: 'dynamic' }, b)) expect(compareValues(a, b)).toBe(0);
      }),
    );
  });

  it('is that of exact fractions, for numbers that have one', () => {
    const finite = portableNumber.filter((value) => !/NaN|Infinity/.test(String(value instanceof Tagged ? value.value : value)));
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        expect(compareValues(a, b)).toBe(compareDecimals(exactDigits(a), exactDigits(b)));
      }),
    );
  });

  it('is that of UTF-8 bytes, for texts', () => {
    fc.assert(
      fc.property(portableText, portableText, (a, b) => {
        expect(compareTexts(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('knows the halves of pairs that stand alone', () => {
    expect(compareTexts('\ud83d', '\u{1f600}')).toBe(-1);
    expect(compareTexts('\u{1f600}', '\ud83d')).toBe(1);
    expect(compareTexts('\ud83d\ue000', '\ud83d\ude00')).toBe(-1);
    expect(compareTexts('a\ud83d', 'a\ud83d\ude00')).toBe(-1);
  });

  it('finds the fewest digits of a float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(singleDigits(value)))).toBe(value === 0 ? 0 : value);
      }),
    );
    expect([0.1, 16777216, 3.4028234663852886e38, 1e-45].map((value) => singleDigits(Math.fround(value)))).toEqual([
      '0.1',
      '16777216',
      '340282346638528860000000000000000000000',
      `0.${'0'.repeat(44)}1`,
    ]);
  });
});

/** A copy in which nothing is the same object. */
function structuredCopy(value: PortableValue): PortableValue {
  if (value instanceof Tagged) return new Tagged({ ...value.type }, structuredCopy(value.value));
  if (value instanceof Map) return new Map([...value].reverse().map(([name, each]) => [name, structuredCopy(each)]));
  if (Array.isArray(value)) return value.map(structuredCopy);
  return value instanceof Uint8Array ? Uint8Array.from(value) : value;
}

/** The digits of a number by another way than the one under test: whole numbers in full, others as JavaScript or toPrecision prints them. */
function exactDigits(value: PortableValue): string {
  if (!(value instanceof Tagged)) {
    if (typeof value === 'number')
      return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
    return String(value);
  }
  if (value.type.kind !== 'float32') return String(value.value);
  const single = value.value as number;
  if (Number.isInteger(single)) return exactDigits(single);
  return [1, 2, 3, 4, 5, 6, 7, 8, 9]
    .map((digits) => single.toPrecision(digits))
    .find((text) => Math.fround(Number(text)) === single)!;
}
