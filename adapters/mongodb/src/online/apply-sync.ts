import type { RunContext } from '@polyshift/core';
import type { ClientSession } from 'mongodb';
import { type Replacement, writeReplacements } from '../change/replace.ts';
import { classify, hasCode } from '../errors.ts';
import { inTransaction, type Store } from '../store.ts';
import type { Found, SideWrite } from './decide.ts';
import { type LedgerChange, writeEntries } from './ledger.ts';
import type { Refusal } from './ledger-entry.ts';
import { byCollection, changedPieces, type Piece, sameIds } from './pieces.ts';
import { ledgerChange, type Planned, piecesOn, writesOf } from './planned.ts';
import type { Versions } from './versions.ts';
import { takeBack, writeAnnounced } from './write-announced.ts';

/** What carrying out decisions came to. */
export interface Applied {
  readonly written: number;
  readonly refused: number;
  /** _ids that the application has written meanwhile. */
  readonly again: readonly unknown[];
}

/**
 * Carries out decisions. With transactions, documents and ledger change in one, together first, one by one where the server refuses any. Without them each
 * write is announced in the ledger before it is made, so that after a stop anybody can tell whether it was.
 */
export async function applyAll(
  store: Store,
  versions: Versions,
  all: readonly Planned[],
  run: Pick<RunContext, 'fault'>,
): Promise<Applied> {
  const refusals = all.filter(({ decision }) => decision.kind === 'refuse');
  await keepRefusals(
    store,
    versions,
    refusals.map(({ found, decision }) => [found, (decision as { refusal: Refusal }).refusal]),
  );
  const writing = all.filter(({ decision }) => decision.kind === 'write');
  const applied = await applyWrites(store, versions, writing, run);
  return { ...applied, refused: applied.refused + refusals.length };
}

async function applyWrites(
  store: Store,
  versions: Versions,
  all: readonly Planned[],
  run: Pick<RunContext, 'fault'>,
): Promise<Applied> {
  if (all.length === 0) return { written: 0, refused: 0, again: [] };
  const made: Piece[] = [];
  try {
    const again = store.features.transactions
      ? await writeInTransaction(store, versions, all)
      : await writeAnnounced(store, versions, all, made, run);
    const next = all.filter(({ decision }) => decision.kind === 'write' && decision.keeps_parts).map(({ found }) => found.id);
    return { written: writesOf(all).length, refused: 0, again: [...again, ...next.filter((id) => !again.includes(id))] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (all.length === 1) {
      const side = sourceOf(all[0]!);
      await takeBack(store, made);
      await keepRefusals(store, versions, [
        [
          { ...all[0]!.found, announced: true },
          { side, reason: reasonOf(error) },
        ],
      ]);
      return { written: 0, refused: 1, again: [] };
    }
    const middle = all.length >> 1;
    const left = await applyWrites(store, versions, all.slice(0, middle), run);
    const right = await applyWrites(store, versions, all.slice(middle), run);
    return {
      written: left.written + right.written,
      refused: left.refused + right.refused,
      again: [...left.again, ...right.again],
    };
  }
}

/**
 * In one transaction. Where documents have exchanged the keys of a unique index, none of them can be written before the others: then they are deleted and
 * inserted again, which nobody sees.
 */
async function writeInTransaction(store: Store, versions: Versions, all: readonly Planned[]): Promise<unknown[]> {
  const write = (anew: boolean) => inTransaction(store, (session) => writeTogether(store, versions, all, session!, anew));
  try {
    return await write(false);
  } catch (error) {
    if (classify(error).code !== 'DUPLICATE_KEY' || all.length === 1) throw error;
    return await write(true);
  }
}

/** Writes both sides and the ledger, where both sides are still what was read; the others are to be read again. */
async function writeTogether(
  store: Store,
  versions: Versions,
  all: readonly Planned[],
  session: ClientSession,
  anew: boolean,
): Promise<unknown[]> {
  const changed = new Set<Planned>();
  for (const group of byCollection(piecesOn(all)))
    for (const { planned } of await changedPieces(store, group, session)) changed.add(planned);
  const still = all.filter((planned) => !changed.has(planned));
  for (const group of byCollection(piecesOn(still))) {
    const writes = group.map(({ piece }): Replacement => piece);
    await writeReplacements(store, group[0]!.piece.collection, anew ? writes.flatMap(apart) : writes, { session });
  }
  await writeEntries(store, versions.ledger, still.map(ledgerChange), session);
  return [...changed].map(({ found }) => found.id);
}

/** A replacement as a deletion and an insertion. */
function apart({ before, after }: Replacement): Replacement[] {
  return before && after ? [{ before }, { after }] : [{ before, after }];
}

async function keepRefusals(store: Store, versions: Versions, refused: readonly (readonly [Found, Refusal])[]): Promise<void> {
  const news = refused.filter(
    ([{ entry, partIds, announced }, { side, reason }]) =>
      announced || entry.refusal?.side !== side || entry.refusal.reason !== reason || !sameIds(partIds, entry.parts),
  );
  const changes = news.map(
    ([{ id, entry, partIds }, { side, reason }]): LedgerChange => ({
      id,
      entry: { inStep: entry.inStep, refusal: { side, reason }, parts: partIds },
    }),
  );
  await writeEntries(store, versions.ledger, changes, undefined);
}

/** What the server says of a single document, and not of the moment or the connection. */
function isRefusal(error: unknown): boolean {
  const { code, retryable } = classify(error);
  if (hasCode(error, 10334, 17280, 17419, 10003)) return true;
  return !retryable && (code === 'CONSTRAINT_VIOLATED' || code === 'DUPLICATE_KEY');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The version whose write was to be carried over. */
function sourceOf({ decision }: Planned): Refusal['side'] {
  const sides = new Set((decision as { writes: readonly SideWrite[] }).writes.map(({ side }) => side));
  if (sides.size > 1) return 'both';
  return sides.has('new') ? 'old' : 'new';
}
