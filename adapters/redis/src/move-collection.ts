import type { Progress, RunContext } from '@polyshift/core';
import type { Definition } from './definitions/definition.ts';
import { indexKeys } from './indexes/content.ts';
import { indexKey } from './indexes/entries.ts';
import { keyBatches } from './keys/key-batches.ts';
import { moveKey } from './keys/move-key.ts';
import { type Command, type Store, sendAll } from './store.ts';
import { entriesKey, streamKey } from './streams/entries.ts';

/** Keys of one batch. */
const batchSize = 500;

/**
 * Gives a collection another name: its definition first, then its indexes and every key, whatever type it has, then the old definition goes. To be
 * called again after a stop; the way back is the same with the names exchanged.
 */
export async function* moveCollection(store: Store, from: string, to: string, run: RunContext): AsyncGenerator<Progress> {
  const definition = (await store.definitions.read(from)) ?? (await store.definitions.read(to));
  await run.guard();
  if (await store.definitions.read(from)) await store.definitions.put(to, definition);
  await run.fault('defined');
  for (const [old, wanted] of await ownKeys(store, from, to, definition)) {
    await run.guard();
    await moveKey(store, Buffer.from(old), Buffer.from(wanted));
  }
  await run.fault('indexes_moved');
  let rows_done = 0;
  for await (const { ids, total } of keyBatches(store, from, batchSize)) {
    await run.guard();
    await moveRows(store, from, to, ids, run);
    await run.fault('moved');
    rows_done += ids.length;
    yield { rows_done, rows_total: total };
  }
  await run.guard();
  await store.definitions.put(from, undefined);
  await run.fault('undefined');
  yield { rows_done, rows_total: rows_done };
}

async function moveRows(store: Store, from: string, to: string, ids: readonly string[], run: RunContext): Promise<void> {
  const pairs = ids.map((id) => [store.keys.row(from, id), store.keys.row(to, id)] as const);
  if (store.cluster) {
    await Promise.all(pairs.map(([old, wanted]) => moveKey(store, old, wanted, () => run.fault('copied'))));
    return;
  }
  const replies = await sendAll(
    store,
    pairs.map(([old, wanted]): Command => ['renamenx', old, wanted]),
  );
  // One that is taken or gone is tried again by itself, and says why.
  for (const [index, reply] of replies.entries()) if (reply !== 1) await moveKey(store, pairs[index]![0], pairs[index]![1]);
}

/** Keys beside the rows, old and new: of a stream and its entries, and of indexes. */
async function ownKeys(store: Store, from: string, to: string, definition: Definition | undefined): Promise<[string, string][]> {
  const moves: [string, string][] = [];
  if (definition?.encoding === 'stream') {
    moves.push([streamKey(store, from), streamKey(store, to)], [entriesKey(store, from), entriesKey(store, to)]);
  }
  for (const index of definition?.indexes ?? []) {
    const [old, wanted] = [
      indexKey(store.keys, from, index, index.form === 'set' ? '' : undefined),
      indexKey(store.keys, to, index, index.form === 'set' ? '' : undefined),
    ];
    for (const key of await indexKeys(store, from, index)) moves.push([key, wanted + key.slice(old.length)]);
  }
  return moves;
}
