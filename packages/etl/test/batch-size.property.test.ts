import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchBounds, BatchSize } from '../src/load/batch-size.ts';

const bounds: BatchBounds = { read: 1000, rows: 100_000, bytes: 48_000_000 };

/** A store whose writes cost something fixed and something for each row, in milliseconds, times a factor of noise. */
interface StoreModel {
  readonly fixed: number;
  readonly each: number;
  readonly noise?: () => number;
}

/** Writes so often, and gives the sizes that were chosen. */
function drive(size: BatchSize, { fixed, each, noise = () => 1 }: StoreModel, writes: number): number[] {
  return Array.from({ length: writes }, () => {
    const rows = size.rows();
    size.written(rows, (fixed + each * rows) * noise());
    return rows;
  });
}

const rateOf = ({ fixed, each }: StoreModel, rows: number): number => rows / (fixed + each * rows);

describe('the size of writes that feedback finds', () => {
  it.each([
    ['no fixed cost: no size is better than another', { fixed: 0, each: 0.02 }, [500, 2000]],
    ['a fixed cost that a thousand rows outweigh by far', { fixed: 0.2, each: 0.02 }, [500, 2000]],
    ['a fixed cost of half the write', { fixed: 20, each: 0.02 }, [2000, 5000]],
    ['nothing but a fixed cost', { fixed: 30, each: 0 }, [5000, 5000]],
  ] as const)('%s', (_, store, [least, most]) => {
    const size = new BatchSize(bounds);
    const settled = drive(size, store, 20_000).slice(-1000);
    // One try beyond what is kept now and then is part of it.
    const middle = settled.toSorted((left, right) => left - right)[500]!;
    expect(middle).toBeGreaterThanOrEqual(least);
    expect(middle).toBeLessThanOrEqual(most);
    expect(rateOf(store, middle)).toBeGreaterThanOrEqual(0.9 * rateOf(store, 5000));
  });

  it('stays within its bounds, whatever the store does', () => {
    fc.assert(
      fc.property(
        fc.record({ read: fc.integer({ min: 1, max: 100_000 }), rows: fc.integer({ min: 1, max: 100_000 }) }),
        fc.array(
          fc.oneof(
            fc.record({ ms: fc.double({ min: 0, max: 5000, noNaN: true }) }),
            fc.record({ bytes: fc.integer({ min: 1, max: 1_000_000 }) }),
            fc.record({ refused: fc.constant(true) }),
          ),
          { maxLength: 300 },
        ),
        (shape, events) => {
          const size = new BatchSize({ ...shape, bytes: 1_000_000 });
          let refused = Number.POSITIVE_INFINITY;
          let widest = 0;
          for (const event of events) {
            const rows = size.rows();
            expect(Number.isInteger(rows)).toBe(true);
            expect(rows).toBeGreaterThanOrEqual(1);
            expect(rows).toBeLessThanOrEqual(Math.min(shape.rows, 5000));
            if (rows > 1) expect(rows).toBeLessThan(refused);
            if (rows > 1 && widest > 0) expect(rows * widest).toBeLessThanOrEqual(1_000_000);
            if ('bytes' in event) {
              size.weigh(rows, event.bytes * rows);
              widest = event.bytes;
            } else if ('refused' in event) {
              size.refused(rows);
              refused = Math.min(refused, rows);
            } else size.written(rows, event.ms);
          }
        },
      ),
    );
  });

  it('comes near the best throughput on any store, with noise, without writes that take too long', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.double({ min: 0.001, max: 0.08, noNaN: true }),
        fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 50, maxLength: 50 }),
        (fixed, each, factors) => {
          let turn = 0;
          const store = { fixed, each, noise: () => factors[turn++ % factors.length]! };
          const size = new BatchSize(bounds);
          const last = drive(size, store, 30_000).slice(-2000);
          const rows = last.reduce((sum, one) => sum + one, 0);
          const ms = last.reduce((sum, one) => sum + fixed + each * one, 0);
          expect(rows / ms).toBeGreaterThanOrEqual(0.75 * rateOf(store, 5000));
          expect(last.toSorted((left, right) => left - right).map((one) => fixed + each * one)[1000]!).toBeLessThanOrEqual(1100);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    [1, 5000],
    [2, 3000],
    [4, 1000],
    [100, 1000],
  ])('stays under 6000 rows in flight, or under the first writes: %i at once', (together, most) => {
    const size = new BatchSize({ ...bounds, together });
    const written = drive(size, { fixed: 30, each: 0 }, 5000);
    expect(Math.max(...written)).toBeLessThanOrEqual(most);
    expect(Math.max(...written)).toBeGreaterThanOrEqual(most * 0.8);
    expect(size.rows(4000)).toBe(4000);
  });

  it('backs off where writes take too long, and comes back when the store is quick again', () => {
    const size = new BatchSize(bounds);
    const quick = { fixed: 20, each: 0.02 };
    drive(size, quick, 5000);
    const before = size.rows();
    drive(size, { fixed: 20, each: 2 }, 64);
    expect(size.rows()).toBeLessThanOrEqual(before / 4);
    drive(size, quick, 5000);
    expect(size.rows()).toBeGreaterThanOrEqual(before / 2);
  });

  it('backs off where the throughput collapses, without giving up size for a store that has become slow for good', () => {
    const size = new BatchSize(bounds);
    drive(size, { fixed: 20, each: 0.02 }, 5000);
    const before = size.rows();
    const sizes = drive(size, { fixed: 60, each: 0.06 }, 5000);
    expect(Math.min(...sizes.slice(0, 40))).toBeLessThan(before);
    expect(size.rows()).toBeGreaterThanOrEqual(before / 2);
  });

  it('leaves what a spec gives as it is, up to what the store takes', () => {
    const size = new BatchSize({ read: 1000, rows: 2000, bytes: 10_000 });
    drive(size, { fixed: 20, each: 0.02 }, 5000);
    expect(size.rows(700)).toBe(700);
    expect(size.rows(3000)).toBe(2000);
    size.weigh(10, 1000);
    expect(size.rows(700)).toBe(100);
    size.refused(80);
    expect(size.rows(700)).toBe(40);
  });

  it('cuts reads into even parts, and puts whole ones together', () => {
    for (const read of [40, 300, 1000, 1500, 5000, 20_000]) {
      const size = new BatchSize({ ...bounds, read });
      for (const rows of drive(size, { fixed: 30, each: 0.01 }, 2000)) {
        const even = rows >= read ? rows % read === 0 : rows === Math.ceil(read / Math.ceil(read / rows));
        expect(even, `${rows} rows of reads of ${read}`).toBe(true);
      }
    }
  });
});
