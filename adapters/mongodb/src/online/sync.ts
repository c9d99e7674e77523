import { PolyshiftError, type RunContext } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey } from '../bson/id.ts';
import { contention, maxRounds } from '../change/contention.ts';
import { deprecatedType } from '../change/image.ts';
import { collectionOf, raw, type Store } from '../store.ts';
import { applyAll, type Planned } from './apply-sync.ts';
import { type Decision, decide, type Found, needed } from './decide.ts';
import { readEntries } from './ledger.ts';
import { type InStep, inStepOf, resolved } from './ledger-entry.ts';
import { type MappedDocument, mapDocuments } from './map-documents.ts';
import { identityOf } from './state.ts';
import type { Versions } from './versions.ts';

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
    const found = await readAll(store, versions, open);
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

async function readAll(store: Store, versions: Versions, ids: readonly unknown[]): Promise<Found[]> {
  const filter = { _id: { $in: [...ids] } };
  const [entries, old, fresh] = await Promise.all([
    readEntries(store, versions.ledger, ids),
    settledDocuments(store, versions.old, filter),
    settledDocuments(store, versions.new, filter),
  ]);
  const byKey = new Map<string, { id: unknown; old?: Buffer; new?: Buffer }>();
  for (const document of old) byKey.set(idKey(document), { id: idOfDocument(document), old: document });
  for (const document of fresh) {
    const key = idKey(document);
    byKey.set(key, { ...(byKey.get(key) ?? { id: idOfDocument(document) }), new: document });
  }
  for (const [key, { id }] of entries) if (!byKey.has(key)) byKey.set(key, { id });
  return [...byKey].map(([key, { id, old: one, new: other }]) => ({
    id,
    old: one,
    new: other,
    entry: resolved(entries.get(key)?.entry, one, other),
  }));
}

/**
 * Documents as most members of a replica set have them: what a failover could take back must not be carried over, since no change would tell that it was
 * taken back.
 */
async function settledDocuments(store: Store, name: string, filter: Document): Promise<Buffer[]> {
  const readConcern = store.features.change_streams ? ({ level: 'majority' } as const) : undefined;
  return (await collectionOf(store, name)
    .find(filter, { ...raw, batchSize: 100_000, ...(readConcern ? { readConcern } : {}) })
    .toArray()) as unknown as Buffer[];
}

/** Decides for all, with as few questions to the server as there are kinds of mapping. */
async function planAll(store: Store, versions: Versions, found: readonly Found[]): Promise<Planned[]> {
  const { mapping, state } = versions;
  const needs = found.map(needed);
  const forward = await mapSome(
    found.map(({ old }, index) => (needs[index]!.forward ? old : undefined)),
    (documents) => mapDocuments(store, state, mapping.forward, documents),
  );
  const back = await mapSome(
    found.map(({ new: fresh }, index) => (needs[index]!.back ? fresh : undefined)),
    (documents) => mapDocuments(store, state, mapping.back, documents),
  );
  const decisions = found.map((each, index) => decide(mapping, each, { forward: forward[index], back: back[index] }));
  const after = found.map((each, index) => documentsAfter(each, decisions[index]!));
  // Only of a document that is not the one that was mapped above anything has to be asked again.
  const unknown = (side: 'old' | 'new', index: number): Buffer | undefined => {
    const document = after[index]?.[side];
    if (!document || !after[index]!.old || !after[index]!.new) return undefined;
    return document === found[index]![side] ? undefined : document;
  };
  const forwardAfter = await mapSome(
    found.map((_each, index) => unknown('old', index)),
    (documents) => mapDocuments(store, state, mapping.forward, documents),
  );
  const backAfter = await mapSome(
    found.map((_each, index) => unknown('new', index)),
    (documents) => mapDocuments(store, state, mapping.back, documents),
  );
  return found.map((each, index) => ({
    found: each,
    decision: decisions[index]!,
    inStep: inStepAfter(each, after[index], forwardAfter[index] ?? forward[index], backAfter[index] ?? back[index]),
  }));
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

/** Missing documents are deletions only while both collections are the ones that they were. */
export async function needBoth(store: Store, versions: Pick<Versions, 'old' | 'new' | 'identity'>): Promise<void> {
  const [old, fresh] = await Promise.all([identityOf(store, versions.old), identityOf(store, versions.new)]);
  const { old_uuid, new_uuid } = versions.identity;
  const same = (is: string | undefined, was: string | undefined): boolean => is !== undefined && (!is || !was || is === was);
  if (same(old, old_uuid) && same(fresh, new_uuid)) return;
  const gone = same(old, old_uuid) ? versions.new : versions.old;
  throw new PolyshiftError('UNKNOWN_COLLECTION', `${gone} is gone, or another collection of that name is in its place`, {
    hint: 'Somebody has dropped or renamed it; nothing of it was carried over as deleted. Put it back, or take the migration back.',
  });
}
