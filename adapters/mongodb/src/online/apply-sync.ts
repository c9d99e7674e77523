import type { RunContext } from '@polyshift/core';
import type { ClientSession } from 'mongodb';
import { idKey } from '../bson/id.ts';
import { currentDocuments, type Replacement, replaceUnchanged, writeReplacements } from '../change/replace.ts';
import { classify, hasCode } from '../errors.ts';
import { inTransaction, type Store } from '../store.ts';
import type { Decision, Found, SideWrite } from './decide.ts';
import { documentDigest } from './document-digest.ts';
import { type LedgerChange, writeEntries } from './ledger.ts';
import type { Entry, InStep, Refusal, Side } from './ledger-entry.ts';
import type { Versions } from './versions.ts';

/** A decision with what the ledger says when it is carried out; undefined where the document is then on neither side. */
export interface Planned {
  readonly found: Found;
  readonly decision: Decision;
  readonly inStep: InStep | undefined;
}

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
  try {
    const again = store.features.transactions
      ? await writeInTransaction(store, versions, all)
      : await writeAnnounced(store, versions, all, run);
    return { written: writesOf(all).length, refused: 0, again };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (all.length === 1) {
      const [{ found }] = all as readonly [Planned];
      const side = sourceOf(all[0]!);
      await keepRefusals(store, versions, [[found, { side, reason: reasonOf(error) }]]);
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
  for (const side of ['old', 'new'] as const) {
    const writes = sideWrites(all, side);
    if (writes.length === 0) continue;
    const current = await currentDocuments(
      store,
      versions[side],
      writes.map(({ write }) => write),
      session,
    );
    for (const { planned, write } of writes) {
      const found = current.get(idKey((write.before ?? write.after)!));
      if (write.before ? !found?.equals(write.before) : found !== undefined) changed.add(planned);
    }
  }
  const still = all.filter((planned) => !changed.has(planned));
  for (const side of ['old', 'new'] as const) {
    const writes = sideWrites(still, side).map(({ write }): Replacement => write);
    if (writes.length > 0) await writeReplacements(store, versions[side], anew ? writes.flatMap(apart) : writes, { session });
  }
  await writeEntries(store, versions.ledger, still.map(ledgerChange), session);
  return [...changed].map(({ found }) => found.id);
}

/** A replacement as a deletion and an insertion. */
function apart({ before, after }: Replacement): Replacement[] {
  return before && after ? [{ before }, { after }] : [{ before, after }];
}

/** The same on a server without transactions: announced, made, confirmed. */
async function writeAnnounced(
  store: Store,
  versions: Versions,
  all: readonly Planned[],
  run: Pick<RunContext, 'fault'>,
): Promise<unknown[]> {
  const announced = all.filter((planned) => writesOf([planned]).length > 0);
  await writeEntries(store, versions.ledger, announced.map(announcement), undefined);
  await run.fault('announced');
  const changed = new Set<Planned>();
  for (const side of ['new', 'old'] as const) {
    const writes = sideWrites(announced, side).filter(({ planned }) => !changed.has(planned));
    const missed = await replaceUnchanged(
      store,
      versions[side],
      writes.map(({ write }) => write),
      {},
    );
    for (const position of missed) changed.add(writes[position]!.planned);
    if (writes.length > 0) await run.fault('written');
  }
  const done = all.filter((planned) => !changed.has(planned));
  const back = [...changed].map(({ found }): LedgerChange => ({ id: found.id, entry: known(found.entry) }));
  await writeEntries(store, versions.ledger, [...done.map(ledgerChange), ...back], undefined);
  return [...changed].map(({ found }) => found.id);
}

function ledgerChange({ found, inStep }: Planned): LedgerChange {
  return { id: found.id, entry: inStep && { inStep } };
}

function announcement({ found, decision, inStep }: Planned): LedgerChange {
  const digest = (document: Buffer | undefined): string => (document ? documentDigest(document) : '');
  const writes = (decision as { writes: readonly SideWrite[] }).writes.map(({ side, before, after }) => ({
    side,
    before: digest(before),
    after: digest(after),
  }));
  return { id: found.id, entry: { ...found.entry, intent: { writes, inStep } } };
}

/** An entry that says something, or none. */
function known(entry: Entry): Entry | undefined {
  return entry.inStep || entry.refusal ? entry : undefined;
}

async function keepRefusals(store: Store, versions: Versions, refused: readonly (readonly [Found, Refusal])[]): Promise<void> {
  const news = refused.filter(([{ entry }, { side, reason }]) => entry.refusal?.side !== side || entry.refusal.reason !== reason);
  const changes = news.map(([{ id, entry }, refusal]): LedgerChange => ({ id, entry: { inStep: entry.inStep, refusal } }));
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

function writesOf(all: readonly Planned[]): SideWrite[] {
  return all.flatMap(({ decision }) => (decision.kind === 'write' ? decision.writes : []));
}

function sideWrites(all: readonly Planned[], side: Side): { planned: Planned; write: SideWrite }[] {
  return all.flatMap((planned) =>
    writesOf([planned])
      .filter((write) => write.side === side)
      .map((write) => ({ planned, write })),
  );
}
