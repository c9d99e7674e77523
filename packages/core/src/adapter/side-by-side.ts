/**
 * What several generators yield, as it comes. None goes on before what it has yielded was taken, so that who takes it can hold them all back; where one
 * fails the others have come to rest when the error is thrown.
 */
export async function* sideBySide<Item>(sources: readonly AsyncGenerator<Item>[]): AsyncGenerator<Item> {
  const next = async (source: AsyncGenerator<Item>) => ({ source, result: await source.next() });
  const pending = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      pending.delete(source);
      if (result.done) continue;
      yield result.value;
      pending.set(source, next(source));
    }
  } finally {
    await Promise.allSettled(pending.values());
  }
}
