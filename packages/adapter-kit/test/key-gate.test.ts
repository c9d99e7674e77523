import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyGate } from '../src/sink/key-gate.ts';

const rowsOf = (keys: readonly number[]) => keys.map((key) => ({ key, row: new Map() }));

describe('the gate of keys', () => {
  it('never lets two work on one key at the same time, and lets all of them work', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
        async (scheduler, calls) => {
          const gate = new KeyGate();
          const busy = new Set<number>();
          const done = calls.map((keys) =>
            gate.hold(rowsOf(keys), async () => {
              for (const key of keys) expect(busy.has(key)).toBe(false);
              for (const key of keys) busy.add(key);
              await scheduler.schedule(Promise.resolve());
              for (const key of keys) busy.delete(key);
              return keys;
            }),
          );
          await scheduler.waitFor(Promise.all(done));
          expect(await Promise.all(done)).toEqual(calls);
        },
      ),
    );
  });

  it('lets others go on behind work that has failed, with its error', async () => {
    const gate = new KeyGate();
    const failing = gate.hold(rowsOf([1, 2]), async () => {
      await Promise.resolve();
      throw new Error('lost');
    });
    const next = gate.hold(rowsOf([2, 3]), async () => 'done');
    await expect(failing).rejects.toThrow('lost');
    expect(await next).toBe('done');
  });
});
