import type { AsideStore } from '@polyshift/adapter-kit';
import type { Progress, RunContext } from '@polyshift/core';
import { keyBatches } from './keys/key-batches.ts';
import { Script } from './scripts/script.ts';
import { type Command, type Store, sendEach } from './store.ts';

/** Rows in a batch. */
const batchSize = 500;

/** Gives a key an expiry where it has none. KEYS: the key. ARGV: milliseconds since 1970. */
const expire = new Script(`
if redis.call('PEXPIRETIME', KEYS[1]) ~= -1 then return 0 end
return redis.call('PEXPIREAT', KEYS[1], ARGV[1])
`);

/** Takes the expiry away where it still is the one that was given. */
const persist = new Script(`
if redis.call('PEXPIRETIME', KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
return redis.call('PERSIST', KEYS[1])
`);

/** The place aside for the rows that got an expiry. */
export function expiryKept(run: Pick<RunContext, 'aside'>): string {
  return `expiry_${run.aside}`;
}

/** Gives every row without an expiry one: `seconds` from now. What each row gets is kept before it does. Idempotent: a row that has one keeps it. */
export async function* expireRows(
  store: Store,
  aside: AsideStore,
  collection: string,
  seconds: number,
  run: RunContext,
): AsyncGenerator<Progress> {
  let rows_done = 0;
  for await (const { ids, total } of keyBatches(store, collection, batchSize)) {
    await run.guard();
    const rows = ids.map((id) => store.keys.row(collection, id));
    const now = await sendEach(
      store,
      rows.map((row): Command => ['pexpiretime', row]),
    );
    const lasting = ids.filter((_id, position) => now[position] === -1);
    const when = String(Date.now() + seconds * 1000);
    await aside.put(
      expiryKept(run),
      lasting.map((key) => ({ key, value: when })),
      'replace',
    );
    await run.fault('kept');
    await runEach(store, collection, expire, lasting, () => when);
    await run.fault('expiring');
    rows_done += ids.length;
    yield { rows_done, rows_total: total };
  }
}

/** Takes the expiry away from the rows that {@link expireRows} gave it to, and that the application has not given another one since. */
export async function* unexpireRows(
  store: Store,
  aside: AsideStore,
  collection: string,
  run: RunContext,
): AsyncGenerator<Progress> {
  let rows_done = 0;
  for (let after: string | undefined; ; ) {
    const entries = await aside.list(expiryKept(run), after, batchSize);
    if (entries.length === 0) break;
    after = entries.at(-1)!.key;
    await run.guard();
    const times = new Map(entries.map(({ key, value }) => [key, String(value)]));
    await runEach(store, collection, persist, [...times.keys()], (id) => times.get(id)!);
    await run.fault('lasting');
    rows_done += entries.length;
    yield { rows_done };
  }
}

async function runEach(
  store: Store,
  collection: string,
  script: Script,
  ids: readonly string[],
  timeOf: (id: string) => string,
): Promise<void> {
  const replies = await script.runAll(
    store,
    ids.map((id) => ({ keys: [store.keys.row(collection, id)], parameters: [timeOf(id)] })),
  );
  for (const reply of replies) if (reply instanceof Error) throw reply;
}
