/**
 * Works on several items at once and gives the results in the order of the items. A lane is a number below `width` that no other item has
 * at the same time. Work that must be done in order waits for its turn: until all items before are done, with the result of the last of them.
 * Where one fails, or nobody reads on, those behind fail at their turn; this ends only when nothing is going on any more.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item, lane: number, turn: () => Promise<Result | undefined>) => Promise<Result>,
): AsyncGenerator<{ readonly item: Item; readonly result: Result }> {
  const going: { readonly item: Item; readonly result: Promise<Result> }[] = [];
  let stopped = false;
  let last: Promise<Result | undefined> = Promise.resolve(undefined);
  let count = 0;
  const start = (item: Item): void => {
    const before = last;
    const result = work(item, count++ % width, async () => {
      const done = await before.catch((cause) => {
        // An error of its own: nothing in it may ask for another try, which could only fail again.
        throw new Error('what stands before has failed', { cause });
      });
      if (stopped) throw new Error('stopped before its turn');
      return done;
    });
    // Read later, or not at all where an earlier one has failed.
    result.catch(() => undefined);
    last = result;
    going.push({ item, result });
  };
  try {
    for await (const item of items) {
      start(item);
      if (going.length < width) continue;
      const { item: first, result } = going[0]!;
      const done = await result;
      going.shift();
      yield { item: first, result: done };
    }
    while (going[0]) {
      const { item, result } = going[0];
      const done = await result;
      going.shift();
      yield { item, result: done };
    }
  } finally {
    stopped = true;
    await Promise.allSettled(going.map(({ result }) => result));
  }
}
