import { beginAgain } from '@polyshift/core';
import { expect, it } from 'vitest';

class Deadlock extends Error {}

const isDeadlock = (error: unknown): boolean => error instanceof Deadlock;

/** Work that ends by these errors, one after the other, and then by a value. */
function ending(...errors: Error[]): { readonly work: () => Promise<string>; readonly calls: () => number } {
  let calls = 0;
  return {
    work: async () => {
      const error = errors[calls++];
      if (error) throw error;
      return 'done';
    },
    calls: () => calls,
  };
}

it('begins work again for as long as it ends by a deadlock', async () => {
  const { work, calls } = ending(new Deadlock(), new Deadlock(), new Deadlock());
  expect(await beginAgain(isDeadlock, work)).toBe('done');
  expect(calls()).toBe(4);
});

it('throws any other error at once', async () => {
  const { work, calls } = ending(new Deadlock(), new Error('other'));
  await expect(beginAgain(isDeadlock, work)).rejects.toThrow('other');
  expect(calls()).toBe(2);
});

it('throws the deadlock in the end', async () => {
  const { work, calls } = ending(...Array.from({ length: 30 }, () => new Deadlock('still')));
  await expect(beginAgain(isDeadlock, work)).rejects.toThrow('still');
  expect(calls()).toBe(12);
});
