import type { JsonValue, Progress, RunContext } from '@polyshift/core';
import type { Store } from '../store.ts';
import { feedIsLost, feedNow, readFeed } from './change-feed.ts';
import { everyId } from './compare-all.ts';
import { distinctIds, refusedWrites } from './ledger.ts';
import type { OnlineNames } from './names.ts';
import { ownersOf } from './part-owners.ts';
import { changeState, readState } from './state.ts';
import { needBoth } from './sync.ts';
import { sliceSize, syncSlices } from './sync-slices.ts';
import type { Versions } from './versions.ts';

/** A round that carries over no more than this is near enough: what is left is what is being written now. */
const fewDocuments = 20;

/** A round that carries over this share of what the one before did has as many writes before it: the application writes as fast as they are carried over. */
const steady = 0.7;

/** Rounds at most. */
const maxRounds = 20;

/** Refused writes that are tried again in each round; the others wait for theirs. */
const retriedRefusals = 1000;

/**
 * Carries over what has been written to either version, in rounds, until a round has found little, or as much as the one before. By the feed of changes where the server has one, and
 * there an idle round costs one write and one read; else, and where the feed does not reach back far enough, by comparing everything.
 */
export async function* catchUp(store: Store, names: OnlineNames, versions: Versions, run: RunContext): AsyncGenerator<Progress> {
  let rows_done = 0;
  let last = Number.POSITIVE_INFINITY;
  for (let round = 0; round < maxRounds; round++) {
    const before = rows_done;
    for await (const written of catchUpOnce(store, names, versions, run)) {
      rows_done += written;
      yield { rows_done, note: `carrying over what was written to ${names.old} and ${names.new}` };
    }
    rows_done += await retryRefused(store, versions, run);
    const written = rows_done - before;
    if (written <= fewDocuments || written >= last * steady) break;
    last = written;
  }
  yield { rows_done };
}

/** One round: everything that was written before it began. Gives the number of documents written in each batch. */
export async function* catchUpOnce(
  store: Store,
  names: OnlineNames,
  versions: Versions,
  run: RunContext,
): AsyncGenerator<number> {
  await needBoth(store, versions);
  const token = store.features.change_streams ? (await readState(store, names))?.token : undefined;
  if (token === undefined) return yield* compareAll(store, names, versions, run);
  try {
    for await (const batch of readFeed(store, names, token)) {
      const owners = await ownersOf(store, versions, batch.partIds);
      yield* syncSome(store, versions, distinctIds([...batch.ids, ...owners]), run);
      await keepToken(store, names, batch.token);
    }
  } catch (error) {
    if (!feedIsLost(error)) throw error;
    yield* compareAll(store, names, versions, run);
  }
}

async function* compareAll(store: Store, names: OnlineNames, versions: Versions, run: RunContext): AsyncGenerator<number> {
  // What is written while everything is compared comes by in the feed from here on.
  const token = store.features.change_streams ? await feedNow(store, names) : undefined;
  const size = await sliceSize(store, versions);
  for await (const ids of everyId(store, versions, size)) yield* syncSome(store, versions, ids, run);
  if (token !== undefined) await keepToken(store, names, token);
}

async function keepToken(store: Store, names: OnlineNames, token: JsonValue): Promise<void> {
  await changeState(store, names, { token });
}

async function* syncSome(store: Store, versions: Versions, ids: readonly unknown[], run: RunContext): AsyncGenerator<number> {
  for await (const { written } of syncSlices(store, versions, ids, run)) yield written;
}

/** A refused write may fit by now: another row has given its key free, or a document that was too new has been corrected. */
async function retryRefused(store: Store, versions: Versions, run: RunContext): Promise<number> {
  const refused = await refusedWrites(store, versions.ledger, retriedRefusals);
  let written = 0;
  for await (const some of syncSome(
    store,
    versions,
    refused.map(({ id }) => id),
    run,
  ))
    written += some;
  return written;
}
