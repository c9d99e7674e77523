import { expect, it } from 'vitest';
import { sideBySide } from '../src/adapter/side-by-side.ts';

async function* counting(name: string, to: number, log: string[] = []): AsyncGenerator<string> {
  try {
    for (let at = 1; at <= to; at++) {
      log.push(`${name}${at}`);
      yield `${name}${at}`;
    }
  } finally {
    log.push(`${name} ended`);
  }
}

it('gives what all of them yield, each in its order', async () => {
  const found: string[] = [];
  for await (const item of sideBySide([counting('a', 3), counting('b', 1), counting('c', 0)])) found.push(item);
  expect(found.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(found.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1']);
});

it('lets none go on before what it has yielded was taken', async () => {
  const log: string[] = [];
  const all = sideBySide([counting('a', 2, log)]);
  await all.next();
  await new Promise(setImmediate);
  expect(log).toEqual(['a1']);
});

it('throws the error of one when the others have come to rest', async () => {
  let rested = false;
  const slow = async function* (): AsyncGenerator<string> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    rested = true;
    yield 'slow';
  };
  // biome-ignore lint/correctness/useYield: it fails before it has anything to yield
  const failing = async function* (): AsyncGenerator<string> {
    throw new Error('this one');
  };
  const all = sideBySide([failing(), slow()]);
  await expect(all.next()).rejects.toThrow('this one');
  expect(rested).toBe(true);
});
