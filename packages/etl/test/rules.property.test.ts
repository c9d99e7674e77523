import {
  decimalArithmetic,
  dynamicOfPlain,
  type PortableType,
  type PortableValue,
  parseDecimal,
  parseTimestamp,
  plainOf,
  roundDecimal,
  timestampText,
} from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRule } from './rule-bench.ts';

const fields: Record<string, PortableType> = { a: { kind: 'text' }, b: { kind: 'int32' }, c: { kind: 'int64' } };
const rowArbitrary = fc.tuple(
  fc.option(fc.string(), { nil: null }),
  fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: null }),
  fc.option(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), { nil: null }),
);
const rows = fc.array(rowArbitrary, { maxLength: 30 });

describe('rules over random rows', () => {
  it('concatenate joins what is not null', () => {
    fc.assert(
      fc.property(rows, fc.string(), (all, separator) => {
        const { values } = applyRule({ type: 'concatenate', fields: ['a', 'b', 'c'], separator }, fields, all);
        const expected = all.map((row) => {
          const texts = row.filter((value) => value !== null).map(String);
          return texts.length === 0 ? null : texts.join(separator);
        });
        expect(values).toEqual(expected);
      }),
    );
  });

  it('coalesce takes the first that is not null', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { values } = applyRule({ type: 'function', function: 'coalesce', args: ['c', { value: 0 }] }, fields, all);
        expect(values).toEqual(all.map(([, , c]) => c ?? 0n));
      }),
    );
  });

  it('an expression is null where a field is, else computed in integers', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { values } = applyRule({ type: 'expression', expression: 'b < 18 ? c + b : c - b' }, fields, all);
        expect(values).toEqual(all.map(([, b, c]) => (b === null || c === null ? null : b < 18 ? c + BigInt(b) : c - BigInt(b))));
      }),
    );
  });

  it('an expression that asks for null never drops the row', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { values } = applyRule({ type: 'expression', expression: 'b == null ? -1 : b' }, fields, all);
        expect(values).toEqual(all.map(([, b]) => BigInt(b ?? -1)));
      }),
    );
  });

  it('pack holds every argument by its name', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { values } = applyRule({ type: 'function', function: 'pack', args: ['a', 'b', 'c'] }, fields, all);
        expect(values).toEqual(
          all.map(
            ([a, b, c]) =>
              new Map<string, PortableValue>([
                ['a', a],
                ['b', b],
                ['c', c],
              ]),
          ),
        );
      }),
    );
  });
});

describe('values', () => {
  const digits = fc
    .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 30 }))
    .map(([unscaled, scale]) => {
      const negative = unscaled < 0n;
      const text = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
      return `${negative ? '-' : ''}${scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`}`;
    });
  const fraction = (text: string) => {
    const { unscaled, scale } = parseDecimal(text);
    return [unscaled, 10n ** BigInt(scale)] as const;
  };

  it('decimals add, subtract and multiply exactly', () => {
    fc.assert(
      fc.property(digits, digits, (left, right) => {
        const [a, b] = fraction(left);
        const [c, d] = fraction(right);
        const equal = (text: string, numerator: bigint, denominator: bigint) => {
          const [n, m] = fraction(text);
          return n * denominator === numerator * m;
        };
        expect(equal(decimalArithmetic('+', left, right), a * d + c * b, b * d)).toBe(true);
        expect(equal(decimalArithmetic('-', left, right), a * d - c * b, b * d)).toBe(true);
        expect(equal(decimalArithmetic('*', left, right), a * c, b * d)).toBe(true);
      }),
    );
  });

  it('decimals divide and round to within half of the last digit', () => {
    fc.assert(
      fc.property(digits, digits, fc.integer({ min: -5, max: 20 }), (left, right, places) => {
        const [a, b] = fraction(left);
        const [c, d] = fraction(right);
        const [r, s] = fraction(roundDecimal(left, places));
        const unit = places >= 0 ? [1n, 10n ** BigInt(places)] : [10n ** BigInt(-places), 1n];
        const size = (value: bigint) => (value < 0n ? -value : value);
        expect(size(r * b - a * s) * 2n * unit[1]! <= unit[0]! * s * b).toBe(true);
        if (c === 0n) return;
        const [q, t] = fraction(decimalArithmetic('/', left, right));
        // |q/t - (a d)/(b c)| is at most half a unit of the twentieth digit.
        expect(size(q * b * c - a * d * t) * 2n * 10n ** 20n <= size(t * b * c)).toBe(true);
      }),
    );
  });

  it('timestamps keep every microsecond through parsing and writing', () => {
    const micros = fc.bigInt({ min: -62_167_219_200_000_000n, max: 253_402_300_799_999_999n });
    fc.assert(
      fc.property(micros, (value) => {
        expect(parseTimestamp(timestampText(value, 'Z'))).toEqual({ micros: value, zoned: true });
      }),
    );
  });

  it('JSON comes through plain and dynamic values as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const through = plainOf({ kind: 'dynamic' }, dynamicOfPlain(value));
        const text = (of: unknown) =>
          JSON.stringify(of, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner));
        expect(text(through)).toBe(text(value));
      }),
    );
  });
});
