import type { RunContext } from '@polyshift/core';
import { replaceUnchanged } from '../change/replace.ts';
import type { Store } from '../store.ts';
import type { Found } from './decide.ts';
import { documentDigest } from './document-digest.ts';
import { type LedgerChange, writeEntries } from './ledger.ts';
import type { Entry, PieceDigests } from './ledger-entry.ts';
import { partsOfSide } from './parts.ts';
import { inGroups, type Piece } from './pieces.ts';
import { ledgerChange, type Planned, piecesOn, writesOf } from './planned.ts';
import type { Versions } from './versions.ts';

/**
 * Carries out decisions on a server without transactions: announced, made, confirmed. Those whose documents the application has written meanwhile come back.
 *
 * @param made gets the pieces that have been written, in order
 */
export async function writeAnnounced(
  store: Store,
  versions: Versions,
  all: readonly Planned[],
  made: Piece[],
  run: Pick<RunContext, 'fault'>,
): Promise<unknown[]> {
  const announced = all.filter((planned) => writesOf([planned]).length > 0);
  await writeEntries(store, versions.ledger, announced.map(announcement), undefined);
  await run.fault('announced');
  const changed = new Set<Planned>();
  const done: { readonly planned: Planned; readonly piece: Piece }[] = [];
  for (const group of inGroups(piecesOn(announced))) {
    const open = group.filter(({ planned }) => !changed.has(planned));
    if (open.length === 0) continue;
    const pieces = open.map(({ piece }) => piece);
    made.push(...pieces);
    const missed = new Set(await replaceUnchanged(store, pieces[0]!.collection, pieces, {}));
    for (const position of missed) changed.add(open[position]!.planned);
    done.push(...open.filter((_each, position) => !missed.has(position)));
    await run.fault('written');
  }
  // What belongs together was not made as a whole: nothing of it stays.
  const half = done.filter(({ planned }) => changed.has(planned) && isWhole(planned));
  await takeBack(
    store,
    half.map(({ piece }) => piece),
  );
  const kept = all.filter((planned) => !changed.has(planned));
  const back = [...changed].map(({ found }): LedgerChange => ({ id: found.id, entry: known(found.entry) }));
  await writeEntries(store, versions.ledger, [...kept.map(ledgerChange), ...back], undefined);
  return [...changed].map(({ found }) => found.id);
}

/** Whether a document is made or deleted, and not changed: a change that is half made is put together with what has come in between. */
function isWhole(planned: Planned): boolean {
  return writesOf([planned]).some(({ before, after }) => !before || !after);
}

/** Takes pieces back that are still what they were made, the last one first. */
export async function takeBack(store: Store, made: readonly Piece[]): Promise<void> {
  for (const { collection, before, after } of made.toReversed())
    await replaceUnchanged(store, collection, [{ before: after, after: before }], {});
}

/** Deletes the parts that are left of documents whose making or deletion was stopped; then the ledger knows nothing of these any more. */
export async function clearLeftOver(store: Store, versions: Versions, all: readonly Found[]): Promise<void> {
  for (const side of ['old', 'new'] as const) {
    for (const [index, { collection }] of partsOfSide(versions.parts, side).entries()) {
      const gone = all.filter(({ left_over }) => left_over?.some((place) => place.side === side && place.part === index));
      await replaceUnchanged(
        store,
        collection,
        gone.map(({ sides }) => ({ before: sides[side].parts[index] })),
        {},
      );
    }
  }
  await writeEntries(
    store,
    versions.ledger,
    all.map(({ id }) => ({ id, entry: undefined })),
    undefined,
  );
}

function announcement({ found, inStep, pieces: { pieces, partIds } }: Planned): LedgerChange {
  const digest = (document: Buffer | undefined): string => (document ? documentDigest(document) : '');
  const writes = pieces.map(({ side, part, before, after }) => ({ side, part, before: digest(before), after: digest(after) }));
  const others = (['old', 'new'] as const).flatMap((side) => {
    const own = writes.filter((write) => write.side === side);
    const { main, parts: documents } = found.sides[side];
    if (own.length === 0) return [];
    return [main, ...documents].flatMap((document, at): PieceDigests[] => {
      const part = at === 0 ? undefined : at - 1;
      if (own.some((write) => write.part === part)) return [];
      return [{ side, part, before: digest(document), after: digest(document) }];
    });
  });
  // A part that is gone is known by the ledger alone, until that has the end of it.
  const parts = [...(found.entry.parts ?? []), ...found.partIds, ...partIds];
  return { id: found.id, entry: { ...found.entry, intent: { writes, others, inStep }, parts } };
}

/** An entry that says something, or none. */
function known(entry: Entry): Entry | undefined {
  return entry.inStep || entry.refusal ? entry : undefined;
}
