import { whileAnswering } from '@polyshift/core';
import { describe, expect, it } from 'vitest';

const never = new Promise<never>(() => undefined);
const within = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('work while a store answers', () => {
  it.each([
    { what: 'answers', ask: async () => 'here' },
    { what: 'answers with errors', ask: () => Promise.reject(new Error('no such table')) },
    {
      what: 'throws at once',
      ask: (): Promise<never> => {
        throw new Error('closed');
      },
    },
  ])('is waited for however long it takes where the store $what', async ({ ask }) => {
    let asked = 0;
    const counted = () => {
      asked++;
      return ask();
    };
    const work = async () => {
      while (asked < 8) await within(2);
      return 'done';
    };
    expect(await whileAnswering({ ask: counted, limit_ms: 30 }, work)).toBe('done');
  });

  it('is given up where the store is silent, and told so that it writes nothing more', async () => {
    let seen: AbortSignal | undefined;
    const working = whileAnswering({ ask: () => never, limit_ms: 30 }, (signal) => {
      seen = signal;
      return never;
    });
    await expect(working).rejects.toMatchObject({ code: 'CONNECTION_LOST', exit: 5, retryable: true });
    expect(seen?.aborted).toBe(true);
  });

  it('hears of a stop by its caller, and ends as it ends', async () => {
    const stop = new AbortController();
    const work = (signal: AbortSignal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    const working = whileAnswering({ ask: async () => undefined, limit_ms: 30, signal: stop.signal }, work);
    stop.abort();
    await expect(working).rejects.toThrow('stopped');
  });
});
