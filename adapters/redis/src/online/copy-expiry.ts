import { type Command, type Store, sendEach } from '../store.ts';

/** Rows in one pipeline, at most. */
const chunk = 1000;

/** Gives rows of a collection the expiry, or none, that the rows of another one with the same keys have. Idempotent. */
export async function copyExpiry(store: Store, from: string, to: string, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += chunk) {
    const some = ids.slice(start, start + chunk);
    const times = await sendEach(
      store,
      some.map((id): Command => ['pexpiretime', store.keys.row(from, id)]),
    );
    await sendEach(
      store,
      some.flatMap((id, position): Command[] => {
        const [row, time] = [store.keys.row(to, id), Number(times[position])];
        // A row that is gone by now is deleted by the next pass.
        if (time === -2) return [];
        return [time === -1 ? ['persist', row] : ['pexpireat', row, time]];
      }),
    );
  }
}
