import { type Check, checkThat, fail, pass, type RunContext, warn } from '@polyshift/core';
import { idOfDocument } from '../bson/exact-value.ts';
import { idList } from '../bson/id.ts';
import { collectionOf, type Store } from '../store.ts';
import { contradictions } from './agreement.ts';
import { everyId } from './compare-all.ts';
import { documentDigest } from './document-digest.ts';
import { countRefused, refusedWrites } from './ledger.ts';
import type { Entry } from './ledger-entry.ts';
import { mapBack, mapForward } from './map-documents.ts';
import type { OnlineNames } from './names.ts';
import { readFound } from './read-found.ts';
import { needBoth } from './sync.ts';
import { sliceSize, syncSlices } from './sync-slices.ts';
import type { Versions } from './versions.ts';

/** Times that documents which differ are carried over and read again before the proof fails. */
const maxRounds = 10;

/** Documents that differ, beyond which the proof has failed for certain. */
const mostDiffering = 10_000;

/** A document that does not stand as the mapping says. */
interface Differing {
  readonly id: unknown;
  /** Whether one side was written since both were last in step, so that it only waits to be carried over. */
  readonly waiting: boolean;
}

/** A document that both versions have. */
interface Compared {
  readonly old: Buffer;
  readonly new: Buffer;
  readonly entry: Entry;
}

/**
 * Compares both versions document by document: each is what the mapping makes of the other, as the server computes it now. One that differs may just have
 * been written: it is carried over and read again, where the run may write; where it may only read, it is told apart by the ledger.
 */
export async function proveDocuments(store: Store, names: OnlineNames, versions: Versions, run: RunContext): Promise<Check[]> {
  const readsOnly = run.fence.lock === 'none';
  let differing: Differing[] = [];
  let compared = 0;
  const size = await sliceSize(store, versions);
  for await (const ids of everyId(store, versions, size)) {
    compared += ids.length;
    differing.push(...(await differingOf(store, versions, ids)));
    if (differing.length > mostDiffering) break;
  }
  for (let round = 0; !readsOnly && differing.length > 0 && differing.length <= mostDiffering && round < maxRounds; round++) {
    await needBoth(store, versions);
    const ids = differing.map(({ id }) => id);
    for await (const _synced of syncSlices(store, versions, ids, run));
    differing = [];
    for (let from = 0; from < ids.length; from += size)
      differing.push(...(await differingOf(store, versions, ids.slice(from, from + size))));
  }
  const waiting = readsOnly ? differing.filter((each) => each.waiting) : [];
  const wrong = differing.filter((each) => !waiting.includes(each));
  const counted = [names.old, names.new, ...names.parts.map(({ collection }) => collection)];
  const counts = await Promise.all(counted.map((name) => collectionOf(store, name).countDocuments({})));
  const parts = names.parts.map(({ collection }, index) => `, ${collection} (${counts[index + 2]})`).join('');
  const checks = [
    checkThat(
      wrong.length === 0,
      'versions_agree',
      {
        pass: `${compared} documents of ${names.old} (${counts[0]}) and ${names.new} (${counts[1]})${parts} are what the mapping makes of each other`,
        fail: `${wrong.length} documents of ${names.old} and ${names.new} differ: ${idList(wrong.map(({ id }) => id))}`,
        action: 'Run again; if it stays so, take the migration back and see what those documents hold.',
      },
      { compared, differing: wrong.length, old: counts[0]!, new: counts[1]! },
    ),
  ];
  if (waiting.length > 0) {
    checks.push(
      warn(
        'versions_waiting',
        `${waiting.length} documents were written and wait to be carried over: ${idList(waiting.map(({ id }) => id))}`,
        '`polyshift follow` carries them over; so does whatever moves the application on.',
      ),
    );
  }
  return checks;
}

async function differingOf(store: Store, versions: Versions, ids: readonly unknown[]): Promise<Differing[]> {
  const result: Differing[] = [];
  const both: Compared[] = [];
  for (const { id, old, new: fresh, entry, known, partIds, misfit } of await readFound(store, versions, ids, false)) {
    if (entry.refusal) continue;
    if (misfit) result.push({ id, waiting: true });
    else if (old && fresh) both.push({ old, new: fresh, entry });
    else {
      const left = old ?? fresh;
      const was = old ? entry.inStep?.oldDigest : entry.inStep?.newDigest;
      // Gone from both: the entry alone, or parts of it, wait to be taken away.
      if (left || known || partIds.length > 0)
        result.push({ id, waiting: !left || was === undefined || was === documentDigest(left) });
    }
  }
  return [...result, ...(await differingPairs(store, versions, both))];
}

async function differingPairs(store: Store, versions: Versions, all: readonly Compared[]): Promise<Differing[]> {
  const { mapping } = versions;
  const forward = await mapForward(
    store,
    versions,
    all.map(({ old }) => old),
  );
  const open = all.flatMap((each, index) => {
    const mapped = forward[index]!;
    return Buffer.isBuffer(mapped) && mapped.equals(each.new) ? [] : [{ ...each, mapped }];
  });
  if (open.length === 0) return [];
  const back = await mapBack(
    store,
    versions,
    open.map((each) => each.new),
  );
  return open.flatMap(({ old, new: fresh, entry, mapped }, index) => {
    const returned = back[index]!;
    const { inStep } = entry;
    const [oldAsLeft, newAsLeft] = [inStep?.oldDigest === documentDigest(old), inStep?.newDigest === documentDigest(fresh)];
    const asLeft = oldAsLeft && newAsLeft;
    // A value that does not come back was taken for what the old version holds when both were brought in step.
    const pair = { old, new: fresh, forward: mapped as Buffer, back: Buffer.isBuffer(returned) ? returned : old };
    if (asLeft && Buffer.isBuffer(mapped) && contradictions(mapping, pair).length === 0) return [];
    return [{ id: idOfDocument(old), waiting: inStep !== undefined && !asLeft }];
  });
}

/** Whether writes are refused: those that the copy has met are a failure of the change, later ones are the application's. */
export async function refusedCheck(store: Store, versions: Versions, whileCopying: number): Promise<Check> {
  const count = await countRefused(store, versions.ledger);
  if (count === 0) return pass('writes_carried', 'no write is refused by the other version');
  const message = await refusedMessage(store, versions, count);
  if (whileCopying === 0)
    return warn('writes_carried', message, 'Correct those documents: the next write that fits is carried over.', {
      refused: count,
    });
  return fail('writes_carried', message, 'Correct those documents first, or the change: they do not fit into the new version.', {
    refused: count,
  });
}

/** Refused writes for people: how many, and the first of them with their reasons. */
export async function refusedMessage(store: Store, versions: Pick<Versions, 'ledger'>, count: number): Promise<string> {
  const some = await refusedWrites(store, versions.ledger, 3);
  const shown = some.map(
    ({ id, side, reason }) => `${idList([id])} (written in ${side === 'both' ? 'both' : `the ${side} one`}: ${reason})`,
  );
  return `${count} writes could not be carried over: ${shown.join('; ')}${count > some.length ? '; ...' : ''}`;
}
