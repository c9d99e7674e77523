import { PolyshiftError, type RunContext } from '@polyshift/core';
import { contention, maxRounds } from '../change/contention.ts';
import { deprecatedType } from '../change/image.ts';
import type { Store } from '../store.ts';
import { applyAll } from './apply-sync.ts';
import { type Decision, decide, type Found, needed } from './decide.ts';
import { arrange } from './joined.ts';
import { type InStep, inStepOf } from './ledger-entry.ts';
import { type MappedDocument, mapBack, mapForward } from './map-documents.ts';
import { partsOfSide } from './parts.ts';
import { piecesOf, sameIds } from './pieces.ts';
import type { Planned } from './planned.ts';
import { readFound } from './read-found.ts';
import { identityOf } from './state.ts';
import type { Versions } from './versions.ts';
import { clearLeftOver } from './write-announced.ts';

/** What a pass over some _ids did. */
export interface Synced {
  /** Documents written to either side. */
  readonly written: number;
  /** Documents that could not be carried over. */
  readonly refused: number;
}

/**
 * Brings some _ids in step: reads both sides and the ledger, decides for each, and writes only where the side that is written is still what was read. What
 * the application has written in between is read and decided again.
 *
 * @throws PolyshiftError STORE_BUSY where the application keeps writing the same documents; UNKNOWN_COLLECTION where one of the versions is gone
 */
export async function syncIds(
  store: Store,
  versions: Versions,
  ids: readonly unknown[],
  run: Pick<RunContext, 'fault'>,
): Promise<Synced> {
  let [written, refused] = [0, 0];
  let open = ids;
  for (let round = 0; open.length > 0; round++) {
    if (round === maxRounds) throw contention(versions.old, open);
    const found = await readFound(store, versions, open, true);
    const half = found.filter(({ left_over }) => left_over !== undefined);
    if (half.length > 0) {
      await needBoth(store, versions);
      await clearLeftOver(store, versions, half);
      continue;
    }
    const planned = await planAll(store, versions, found);
    if (planned.some(({ decision }) => decision.kind === 'write' && decision.writes.some(({ after }) => !after)))
      await needBoth(store, versions);
    const applied = await applyAll(store, versions, planned, run);
    written += applied.written;
    refused += applied.refused;
    open = applied.again;
  }
  return { written, refused };
}

/** Decides for all, with as few questions to the server as there are kinds of mapping. */
async function planAll(store: Store, versions: Versions, found: readonly Found[]): Promise<Planned[]> {
  const { mapping, parts } = versions;
  const needs = found.map(needed);
  const forward = await mapSome(
    found.map(({ old }, index) => (needs[index]!.forward ? old : undefined)),
    (documents) => mapForward(store, versions, documents),
  );
  const back = await mapSome(
    found.map(({ new: fresh }, index) => (needs[index]!.back ? fresh : undefined)),
    (documents) => mapBack(store, versions, documents),
  );
  const decisions = found.map((each, index) => {
    const decision = decide(mapping, parts, each, { forward: forward[index], back: back[index] });
    return kept(each, arranged(versions, decision));
  });
  const after = found.map((each, index) => documentsAfter(each, decisions[index]!));
  // Only of a document that is not the one that was mapped above anything has to be asked again.
  const unknown = (side: 'old' | 'new', index: number): Buffer | undefined => {
    const document = after[index]?.[side];
    if (!document || !after[index]!.old || !after[index]!.new) return undefined;
    return document === found[index]![side] ? undefined : document;
  };
  const forwardAfter = await mapSome(
    found.map((_each, index) => unknown('old', index)),
    (documents) => mapForward(store, versions, documents),
  );
  const backAfter = await mapSome(
    found.map((_each, index) => unknown('new', index)),
    (documents) => mapBack(store, versions, documents),
  );
  return found.map((each, index) => ({
    found: each,
    decision: decisions[index]!,
    pieces: piecesOf(versions, each, decisions[index]!),
    inStep: inStepAfter(each, after[index], forwardAfter[index] ?? forward[index], backAfter[index] ?? back[index]),
  }));
}

/** A decision with its documents in the order in which they are read again. */
function arranged(versions: Versions, decision: Decision): Decision {
  if (decision.kind !== 'write' || versions.parts.length === 0) return decision;
  const writes = decision.writes.flatMap((write) => {
    const after = write.after && arrange(partsOfSide(versions.parts, write.side), write.after);
    return after && write.before?.equals(after) ? [] : [{ ...write, after }];
  });
  return { ...decision, writes };
}

/**
 * Even where there is nothing to do, the ledger has to say what came of writes that were announced, and to know the documents of parts by the _ids that they
 * have now.
 */
function kept(found: Found, decision: Decision): Decision {
  if (decision.kind !== 'nothing' || (!found.announced && sameIds(found.partIds, found.entry.parts))) return decision;
  return { kind: 'write', writes: [] };
}

/** Both documents once a decision is carried out; undefined where there is nothing to write. */
function documentsAfter(found: Found, decision: Decision): { old: Buffer | undefined; new: Buffer | undefined } | undefined {
  if (decision.kind !== 'write') return undefined;
  const documents = { old: found.old, new: found.new };
  for (const { side, after } of decision.writes) documents[side] = after;
  return documents;
}

/** What the ledger is to say. A value that does not come back is taken for what the other side holds: it is there already. */
function inStepAfter(
  { entry }: Found,
  after: { old: Buffer | undefined; new: Buffer | undefined } | undefined,
  forward: MappedDocument | undefined,
  back: MappedDocument | undefined,
): InStep | undefined {
  if (!after?.old || !after.new) return undefined;
  const made = inStepOf({
    old: after.old,
    new: after.new,
    forward: Buffer.isBuffer(forward) ? forward : after.new,
    back: Buffer.isBuffer(back) ? back : after.old,
  });
  return {
    ...made,
    ...(forward === undefined && entry.inStep ? { forward: entry.inStep.forward } : {}),
    ...(back === undefined && entry.inStep ? { back: entry.inStep.back } : {}),
  };
}

async function mapSome(
  documents: readonly (Buffer | undefined)[],
  map: (documents: readonly Buffer[]) => Promise<MappedDocument[]>,
): Promise<(MappedDocument | undefined)[]> {
  const result: (MappedDocument | undefined)[] = documents.map((document) => (document ? unwritable(document) : undefined));
  const open = documents.flatMap((document, index) => (document && !result[index] ? [index] : []));
  if (open.length === 0) return result;
  const mapped = await map(open.map((index) => documents[index]!));
  for (const [position, index] of open.entries()) result[index] = mapped[position];
  return result;
}

/** Two BSON types are read by drivers but not written any more: a document with one of them is refused, not its whole batch. */
function unwritable(document: Buffer): Error | undefined {
  const problem = deprecatedType(document, 0);
  return problem === undefined ? undefined : new Error(problem);
}

/** Missing documents are deletions only while all collections are the ones that they were. */
export async function needBoth(store: Store, versions: Pick<Versions, 'old' | 'new' | 'parts' | 'identity'>): Promise<void> {
  const { old_uuid, new_uuid, part_uuids = [] } = versions.identity;
  const all = [
    [versions.old, old_uuid],
    [versions.new, new_uuid],
    ...versions.parts.map(({ collection }, index) => [collection, part_uuids[index]] as const),
  ] as const;
  const are = await Promise.all(all.map(([name]) => identityOf(store, name)));
  const same = (is: string | undefined, was: string | undefined): boolean => is !== undefined && (!is || !was || is === was);
  const gone = all.find(([, was], index) => !same(are[index], was));
  if (!gone) return;
  throw new PolyshiftError('UNKNOWN_COLLECTION', `${gone[0]} is gone, or another collection of that name is in its place`, {
    hint: 'Somebody has dropped or renamed it; nothing of it was carried over as deleted. Put it back, or take the migration back.',
  });
}
