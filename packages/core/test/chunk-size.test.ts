import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkMs, nextChunkSize } from '../src/index.ts';

describe('the size of the next chunk', () => {
  it.each([
    ['one that took as long as it should stays', 1000, 500, 1000, 1000],
    ['a slow one becomes smaller', 1000, 1000, 1000, 500],
    ['by as much as it must', 1000, 2000, 1000, 250],
    ['but not below 100', 1000, 60_000, 1000, 100],
    ['nor from close to it', 150, 60_000, 1000, 100],
    ['a fast one becomes larger', 1000, 250, 1000, 2000],
    ['not more than twice at once', 1000, 10, 1000, 2000],
    ['however fast it was', 1000, 1, 1000, 2000],
    ['and not more than ten times what was asked for', 9000, 100, 1000, 10_000],
    ['nor from further below', 8000, 1, 1000, 10_000],
    ['where less than 100 are asked for, no less than that', 7, 60_000, 7, 7],
    ['the clock may stand still', 100, 0, 1000, 200],
  ])('%s: %i rows in %i ms, %i asked for: %i', (_title, rows, ms, asked, expected) => {
    expect(nextChunkSize(rows, ms, asked)).toBe(expected);
  });

  it('is always within its limits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 1e5 }),
        (rows, ms, asked) => {
          const next = nextChunkSize(rows, ms, asked);
          expect(next).toBeGreaterThanOrEqual(Math.min(100, asked));
          expect(next).toBeLessThanOrEqual(Math.max(asked * 10, 100));
        },
      ),
    );
  });

  it('comes to the time that is wanted, and never leaves its bounds', () => {
    const speed = fc.double({ min: 0.001, max: 100, noNaN: true });
    fc.assert(
      fc.property(speed, fc.integer({ min: 1, max: 100_000 }), (rowsPerMs, asked) => {
        let size = asked;
        for (let round = 0; round < 40; round++) {
          size = nextChunkSize(size, size / rowsPerMs, asked);
          expect(size).toBeGreaterThanOrEqual(Math.min(100, asked));
          expect(size).toBeLessThanOrEqual(asked * 10);
        }
        const wanted = Math.min(asked * 10, Math.max(Math.min(100, asked), chunkMs * rowsPerMs));
        expect(Math.abs(size - wanted)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does so too with a floor of its own, and in small steps down', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0.001, max: 10, noNaN: true }), (asked, perRow) => {
        let size = asked;
        for (let turn = 0; turn < 40; turn++) {
          const next = nextChunkSize(size, size * perRow, asked, { fewest: 100, shrink: 4 });
          expect(next).toBeGreaterThanOrEqual(100);
          expect(next).toBeLessThanOrEqual(Math.max(100, asked * 10));
          size = next;
        }
        const took = size * perRow;
        expect(size === 100 || size === Math.max(100, asked * 10) || Math.abs(took - 500) <= Math.max(5, perRow)).toBe(true);
      }),
    );
  });
});
