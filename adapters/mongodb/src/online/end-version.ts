import { PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { idList } from '../bson/id.ts';
import { renameCollection } from '../collection-rename.ts';
import { listed } from '../preconditions.ts';
import { collectionOf, dropIfThere, type Store } from '../store.ts';
import { catchUp, catchUpOnce } from './catch-up.ts';
import { countRefused, refusedWrites } from './ledger.ts';
import type { Refusal, Side } from './ledger-entry.ts';
import type { OnlineNames } from './names.ts';
import { partsOfSide } from './parts.ts';
import { refusedMessage } from './prove.ts';
import { changeState, readState } from './state.ts';
import type { Versions } from './versions.ts';

/**
 * Ends the old version: renamed aside, which no write can come between. What was written to it up to then is carried over; whoever writes to its name
 * afterwards makes a new collection, which is found and named, and never dropped.
 *
 * @throws PolyshiftError WRITTEN_SINCE where the old name is there again, or a write of the old version cannot be carried over
 */
export async function* contractVersions(
  store: Store,
  names: OnlineNames,
  versions: Versions,
  run: RunContext,
): AsyncGenerator<Progress> {
  const state = await readState(store, names);
  // Discarded already: an earlier attempt has come to its end.
  if (!state) return yield { rows_done: 1, rows_total: 1 };
  if (state.phase !== 'ended') {
    await run.guard();
    if (!(await listed(store, names.endedOld))) {
      yield* catchUp(store, names, versions, run);
      await refuseRefused(store, versions, ['old', 'both'], `${names.old} cannot end`);
      await changeState(store, names, { phase: 'contracting' });
      await run.fault('contracting');
      await run.guard();
      await renameCollection(store, names.old, names.endedOld);
      await run.fault('renamed');
    }
    await renameParts(store, names, 'old', run);
    await lookOnceMore(store, names, versions, 'old', run);
    await changeState(store, names, { phase: 'ended' });
    await run.fault('ended');
  }
  await refuseAgain(store, names, 'old');
  yield { rows_done: 1, rows_total: 1 };
}

/** Renames the parts of a version aside, behind its own collection. */
async function renameParts(store: Store, names: OnlineNames, side: Side, run: RunContext): Promise<void> {
  for (const { collection, ended } of partsOfSide(names.parts, side)) {
    if (await listed(store, ended)) continue;
    await run.guard();
    await renameCollection(store, collection, ended);
    await run.fault('renamed_part');
  }
}

/**
 * Takes the new version back: what was written to it goes to the old one, then it is renamed aside and looked into once more, and dropped. Before the copy
 * has come to its end nobody can have used it.
 *
 * @throws PolyshiftError WRITTEN_SINCE where a write of the new version cannot be carried back
 */
export async function* takeNewVersionBack(
  store: Store,
  names: OnlineNames,
  versions: Versions,
  run: RunContext,
): AsyncGenerator<Progress> {
  const state = await readState(store, names);
  if (!state) return yield { rows_done: 1, rows_total: 1 };
  const inUse = state.phase === 'both' || (await listed(store, names.endedNew)) !== undefined;
  if (state.phase !== 'ended' && inUse) {
    if (!(await listed(store, names.endedNew))) {
      yield* catchUp(store, names, versions, run);
      await refuseRefused(store, versions, ['new', 'both'], `${names.new} cannot be taken back`);
      await run.guard();
      await renameCollection(store, names.new, names.endedNew);
      await run.fault('renamed_back');
    }
    await renameParts(store, names, 'new', run);
    await lookOnceMore(store, names, versions, 'new', run);
  }
  await run.guard();
  const parts = partsOfSide(names.parts, 'new');
  if (state.phase === 'making' || state.phase === 'copying')
    for (const name of [names.new, ...parts.map(({ collection }) => collection)]) await dropIfThere(store, name);
  await changeState(store, names, { phase: 'ended' });
  await run.fault('ended_back');
  await run.guard();
  for (const name of [names.endedNew, ...parts.map(({ ended }) => ended)]) await dropIfThere(store, name);
  yield { rows_done: 1, rows_total: 1 };
}

/** Carries over what has come into a version between the last catching up and its rename aside, from where it stands now. */
async function lookOnceMore(store: Store, names: OnlineNames, versions: Versions, side: Side, run: RunContext): Promise<void> {
  const ended = side === 'old' ? names.endedOld : names.endedNew;
  await refuseAgain(store, names, side);
  const parts = names.parts.map((part) => (part.side === side ? { ...part, collection: part.ended } : part));
  for await (const _written of catchUpOnce(store, names, { ...versions, [side]: ended, parts }, run));
  await refuseRefused(store, versions, [side, 'both'], `${names[side]} has ended as ${ended}`);
}

/** Throws where writes of some sides are refused. */
async function refuseRefused(store: Store, versions: Versions, sides: readonly Refusal['side'][], what: string): Promise<void> {
  const count = await countRefused(store, versions.ledger, sides);
  if (count === 0) return;
  const some = await refusedWrites(store, versions.ledger, 20, sides);
  throw new PolyshiftError('WRITTEN_SINCE', `${what}: ${await refusedMessage(store, versions, count)}`, {
    hint: 'Correct those documents in the version that was written, so that the other one takes them, then run again.',
    data: {
      count,
      ids: idList(
        some.map(({ id }) => id),
        20,
      ),
    },
  });
}

/** Throws where a name that has ended is there again: an application that was forgotten has made it anew. */
async function refuseAgain(store: Store, names: OnlineNames, side: Side): Promise<void> {
  for (const name of [names[side], ...partsOfSide(names.parts, side).map(({ collection }) => collection)]) {
    if (!(await listed(store, name))) continue;
    const count = await collectionOf(store, name).countDocuments({});
    throw new PolyshiftError(
      'WRITTEN_SINCE',
      `${name} is there again, with ${count} documents: an application of the ${side} version still writes to it`,
      {
        hint: `Stop that application, carry over what it has written by hand, and drop or rename ${name}; then run again.`,
        data: { collection: name, count },
      },
    );
  }
}
