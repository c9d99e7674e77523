import { PolyshiftError, type RunContext } from '@polyshift/core';
import { contention, isFailure, maxRounds } from '../change/contention.ts';
import { keyText } from '../change/key-text.ts';
import { rowDifference } from '../change/row-difference.ts';
import type { RawRow, RowKey, RowStore, RowWrite, WriteOutcome } from '../row-store.ts';
import { type Decision, decide, type Found, type SideWrite, type Versions } from './decide.ts';
import { type InStep, type Intent, type Ledger, wasMade } from './ledger.ts';
import { viewOf } from './merge-rows.ts';
import type { OnlineNames, OnlineStore, Side } from './online-store.ts';
import type { OnlineState, RefusedWrite } from './state.ts';

/** Everything that carrying over needs. */
export interface Sync<Raw> {
  readonly store: OnlineStore<Raw>;
  readonly versions: Versions<Raw>;
  readonly ledger: Ledger;
  readonly identity: OnlineState['identity'];
}

/** What a pass over some keys did. */
export interface Synced {
  /** Rows written, by the side that they were written to. */
  readonly written: Readonly<Record<Side, number>>;
  readonly refused: readonly RefusedWrite[];
}

/** Rows of one side that were just read, by {@link keyText}. */
export type KnownRows<Raw> = Partial<Record<Side, ReadonlyMap<string, RawRow<Raw>>>>;

/** A decision to write. */
interface Planned<Raw> {
  readonly found: Found<Raw>;
  readonly writes: readonly SideWrite<Raw>[];
  readonly inStep: InStep | undefined;
}

/**
 * Brings some keys in step: reads both sides and the ledger, decides for each, and writes only where the side that is written is still what was read. What
 * the application has written in between is read and decided again.
 *
 * @param known rows of one side, where a scan has just given them
 * @throws PolyshiftError STORE_BUSY where the application keeps writing the same rows; UNKNOWN_COLLECTION where one of the versions is gone
 */
export async function syncKeys<Raw>(
  sync: Sync<Raw>,
  keys: readonly RowKey[],
  run: Pick<RunContext, 'fault'>,
  known: KnownRows<Raw> = {},
): Promise<Synced> {
  const written = { old: 0, new: 0 };
  const refused: RefusedWrite[] = [];
  let open = keys;
  for (let round = 0; open.length > 0; round++) {
    if (round === maxRounds) throw contention(sync.versions.old, open);
    const found = await readAll(sync, open, round === 0 ? known : {});
    const planned: Planned<Raw>[] = [];
    for (const each of found) {
      const decision: Decision<Raw> = decide(sync.versions, each);
      if (decision.kind === 'refuse') refused.push({ key: each.key, ...decision.refusal });
      else if (decision.kind === 'write') planned.push({ found: each, ...decision });
    }
    if (planned.some(({ writes }) => writes.some(({ after }) => after === undefined))) await needBoth(sync);
    const applied = await applyAll(sync, planned, run);
    written.old += applied.written.old;
    written.new += applied.written.new;
    refused.push(...applied.refused);
    open = applied.again;
  }
  return { written, refused };
}

/** What both sides and the ledger hold of some keys. */
export async function readAll<Raw>(
  { store, versions, ledger }: Pick<Sync<Raw>, 'store' | 'versions' | 'ledger'>,
  keys: readonly RowKey[],
  known: KnownRows<Raw> = {},
): Promise<Found<Raw>[]> {
  const rows = store.operations.store;
  const [entries, old, fresh] = await Promise.all([
    ledger.read(keys),
    known.old ?? rowsOf(rows, versions.old, keys),
    known.new ?? rowsOf(rows, versions.new, keys),
  ]);
  return keys.map((key) => {
    const text = keyText(key);
    const [oldRow, newRow] = [old.get(text), fresh.get(text)];
    return {
      key,
      old: oldRow && viewOf(versions.codec, versions.old, oldRow),
      new: newRow && viewOf(versions.codec, versions.new, newRow),
      inStep: entries.get(text),
    };
  });
}

/** Finds out of the writes that were announced last whether they were made, and keeps what holds then. To be called before any others are announced. */
export async function settle<Raw>(sync: Sync<Raw>): Promise<void> {
  const intents = await sync.ledger.announced();
  if (intents.length === 0) return;
  const found = await readAll(
    sync,
    intents.map(({ key }) => key),
  );
  const made = intents.filter((intent, index) => {
    const { old, new: fresh } = found[index]!;
    return wasMade(intent, { old: old?.digests, new: fresh?.digests });
  });
  await carryBeside(sync, made);
  await sync.ledger.write(made);
  await sync.ledger.announce([]);
}

/** Missing rows are deletions only while both collections are the ones that they were. */
export async function needBoth<Raw>({
  store,
  versions,
  identity,
}: Pick<Sync<Raw>, 'store' | 'identity'> & { readonly versions: OnlineNames }): Promise<void> {
  for (const side of ['old', 'new'] as const) {
    const is = await store.identity(versions[side]);
    if (is !== undefined && (!identity || is === identity[side])) continue;
    throw new PolyshiftError(
      'UNKNOWN_COLLECTION',
      `${versions[side]} is gone, or another collection of that name is in its place`,
      {
        hint: 'Somebody has dropped or renamed it; nothing of it was carried over as deleted. Put it back, or take the migration back.',
      },
    );
  }
}

async function rowsOf<Raw>(
  rows: RowStore<Raw>,
  collection: string,
  keys: readonly RowKey[],
): Promise<ReadonlyMap<string, RawRow<Raw>>> {
  return new Map((await rows.get(collection, keys)).map(({ key, row }) => [keyText(key), row]));
}

/** Carries out decisions: announced in the ledger, made, confirmed. */
async function applyAll<Raw>(
  sync: Sync<Raw>,
  all: readonly Planned<Raw>[],
  run: Pick<RunContext, 'fault'>,
): Promise<Synced & { readonly again: readonly RowKey[] }> {
  const writing = all.filter(({ writes }) => writes.length > 0);
  const again: RowKey[] = [];
  const refused: RefusedWrite[] = [];
  const left = new Set<Planned<Raw>>();
  const written = { old: 0, new: 0 };
  if (writing.length > 0) {
    await sync.ledger.announce(writing.map(intentOf));
    await run.fault('announced');
    for (const side of ['new', 'old'] as const) {
      const writes = writing.flatMap((planned) =>
        left.has(planned) ? [] : planned.writes.filter((write) => write.side === side).map((write) => ({ planned, write })),
      );
      if (writes.length === 0) continue;
      const outcomes = await sync.store.operations.store.write(
        sync.versions[side],
        writes.map(({ planned, write }) => rowWrite(sync, planned.found.key, write)),
      );
      for (const [index, { planned }] of writes.entries()) {
        const outcome = outcomes[index] as WriteOutcome;
        if (outcome === 'written') {
          written[side]++;
          continue;
        }
        left.add(planned);
        if (!isFailure(outcome)) again.push(planned.found.key);
        else refused.push({ key: planned.found.key, side: side === 'new' ? 'old' : 'new', reason: outcome.message });
      }
      await run.fault('written');
    }
  }
  const done = all.filter((planned) => !left.has(planned));
  await carryBeside(sync, done.filter(({ writes }) => writes.length > 0).map(intentOf));
  await sync.ledger.write(done.map(({ found: { key }, inStep }) => ({ key, inStep })));
  if (done.length > 0) await run.fault('synced');
  return { written, refused, again };
}

/** What belongs to written rows beside their fields. */
async function carryBeside<Raw>({ store, versions }: Sync<Raw>, made: readonly Intent[]): Promise<void> {
  if (!store.carried) return;
  for (const side of ['new', 'old'] as const) {
    const keys = made.filter(({ sides, inStep }) => inStep && sides.includes(side)).map(({ key }) => key);
    if (keys.length > 0) await store.carried(versions[side === 'new' ? 'old' : 'new'], versions[side], keys);
  }
}

function intentOf<Raw>({ found, writes, inStep }: Planned<Raw>): Intent {
  return { key: found.key, sides: writes.map(({ side }) => side), inStep };
}

function rowWrite<Raw>({ versions }: Sync<Raw>, key: RowKey, { before, after }: SideWrite<Raw>): RowWrite<Raw> {
  if (!before) return { kind: 'insert', key, row: after! };
  if (!after) return { kind: 'remove', key, row: before };
  return { kind: 'change', key, fields: rowDifference(versions.codec, before, after) };
}
