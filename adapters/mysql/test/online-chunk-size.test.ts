import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkMs, nextChunk } from '../src/online/chunk-size.ts';

describe('the size of the next chunk', () => {
  it.each([
    [1000, 500, 1000, 1000],
    [1000, 1000, 1000, 500],
    [1000, 250, 1000, 2000],
    [1000, 1, 1000, 2000],
    [8000, 1, 1000, 10_000],
    [150, 60_000, 1000, 100],
    [7, 60_000, 7, 7],
  ])('%i rows in %i ms, batch size %i: %i rows', (size, ms, batchSize, next) => {
    expect(nextChunk(size, ms, batchSize)).toBe(next);
  });

  it('comes to the time that is wanted, and never leaves its bounds', () => {
    const speed = fc.double({ min: 0.001, max: 100, noNaN: true });
    fc.assert(
      fc.property(speed, fc.integer({ min: 1, max: 100_000 }), (rowsPerMs, batchSize) => {
        let size = batchSize;
        for (let round = 0; round < 40; round++) {
          size = nextChunk(size, size / rowsPerMs, batchSize);
          expect(size).toBeGreaterThanOrEqual(Math.min(100, batchSize));
          expect(size).toBeLessThanOrEqual(batchSize * 10);
        }
        const wanted = Math.min(batchSize * 10, Math.max(Math.min(100, batchSize), chunkMs * rowsPerMs));
        expect(Math.abs(size - wanted)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
