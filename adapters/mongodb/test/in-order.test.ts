import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../src/change/in-order.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let index = 0; index < count; index++) yield index;
}

describe('work in order', () => {
  it('gives results in the order of the items, and each its turn behind the one before, in a lane of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (pauses, width) => {
        const turns: number[] = [];
        const busy = new Set<number>();
        const results: number[] = [];
        const work = async (item: number, lane: number, turn: () => Promise<number | undefined>): Promise<number> => {
          expect(busy.has(lane)).toBe(false);
          busy.add(lane);
          expect(busy.size).toBeLessThanOrEqual(width);
          await sleep(pauses[item]);
          const before = await turn();
          expect(before).toBe(item === 0 ? undefined : item - 1);
          turns.push(item);
          busy.delete(lane);
          return item;
        };
        for await (const { item, result } of inOrder(numbers(pauses.length), width, work)) {
          expect(result).toBe(item);
          results.push(result);
        }
        expect(results).toEqual(pauses.map((_, index) => index));
        expect(turns).toEqual(results);
      }),
      { numRuns: 30 },
    );
  });

  it('lets nothing behind a failure have its turn, and ends when nothing is going on', async () => {
    const done: number[] = [];
    let going = 0;
    const work = async (item: number, _lane: number, turn: () => Promise<unknown>): Promise<void> => {
      going++;
      try {
        await sleep(item === 2 ? 1 : 5);
        if (item === 2) throw new Error('failed');
        await turn();
        done.push(item);
      } finally {
        going--;
      }
    };
    const all = async (): Promise<void> => {
      for await (const _ of inOrder(numbers(6), 3, work));
    };
    await expect(all()).rejects.toThrow('failed');
    expect(done).toEqual([0, 1]);
    expect(going).toBe(0);
  });

  it('gives nobody a turn once the reader has gone', async () => {
    const done: number[] = [];
    const work = async (item: number, _lane: number, turn: () => Promise<unknown>): Promise<void> => {
      await sleep(item * 5);
      await turn();
      done.push(item);
    };
    for await (const { item } of inOrder(numbers(6), 3, work)) if (item === 0) break;
    expect(done).toEqual([0]);
  });
});
