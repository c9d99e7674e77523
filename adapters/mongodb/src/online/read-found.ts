import type { Document } from 'mongodb';
import { findElement } from '../bson/element.ts';
import { idOfDocument } from '../bson/exact-value.ts';
import { elementKey, idKey, idOf, idToJson } from '../bson/id.ts';
import { rawDocuments } from '../change/image.ts';
import { collectionOf, raw, type Store } from '../store.ts';
import type { Found, Misfit } from './decide.ts';
import { join, type SideState } from './joined.ts';
import { readEntries } from './ledger.ts';
import type { Entry, Side } from './ledger-entry.ts';
import { hasOwner, ownerOf, strayOf } from './part-owners.ts';
import { hasOwnIds, type Part, partsOfSide } from './parts.ts';
import { isAsIn, leftOver, resolved } from './resolve.ts';
import type { Versions } from './versions.ts';

const nothing: SideState = { document: undefined, main: undefined, parts: [] };

/**
 * What both versions and the ledger hold of some _ids. Parts are read before the documents that they belong to: an application makes them behind these, so
 * that no part is seen alone that is not. The ledger comes last: what it says is then no older than what was read of either version.
 *
 * @param settled whether to read documents as most members of a replica set have them: what a failover could take back must not be carried over, since no
 * change would tell that it was taken back
 */
export async function readFound(store: Store, versions: Versions, ids: readonly unknown[], settled: boolean): Promise<Found[]> {
  const read = settled ? readSettled : rawDocuments;
  const parts = await Promise.all(
    versions.parts.map((part) => read(store, part.collection, { [part.key]: { $in: [...ids] } } as Document)),
  );
  const filter = { _id: { $in: [...ids] } } as Document;
  const [old, fresh] = await Promise.all([read(store, versions.old, filter), read(store, versions.new, filter)]);
  const entries = await readEntries(store, versions.ledger, ids);
  const byPart = parts.map((documents, index) => {
    const { key } = versions.parts[index]!;
    return new Map(documents.map((document) => [elementKey(document, findElement(document, key)), document]));
  });
  const [olds, news] = [byKey(old), byKey(fresh)];
  const all = new Map<string, unknown>();
  for (const document of [...old, ...fresh]) all.set(idKey(document), idOfDocument(document));
  for (const [index, part] of versions.parts.entries()) {
    // The server finds an array by each of its values too, and a missing field by null.
    for (const [key, document] of byPart[index]!)
      if (!all.has(key) && hasOwner(part, document)) all.set(key, ownerOf(versions, part, document));
  }
  for (const [key, { id }] of entries) if (!all.has(key)) all.set(key, id);
  const state = (side: Side, key: string): SideState => {
    const main = (side === 'old' ? olds : news).get(key);
    const own = partsOfSide(versions.parts, side);
    const documents = own.map((part) => byPart[versions.parts.indexOf(part)]!.get(key));
    return join(versions[side], own, main, documents);
  };
  const found = [...all]
    .filter(([, id]) => !strayOf(versions, id))
    .map(([key, id]) => foundOf(versions, id, { old: state('old', key), new: state('new', key) }, entries.get(key)?.entry));
  return [...found, ...(await strays(store, versions, ids, entries))];
}

async function readSettled(store: Store, name: string, filter: Document): Promise<Buffer[]> {
  const readConcern = store.features.change_streams ? ({ level: 'majority' } as const) : undefined;
  return (await collectionOf(store, name)
    .find(filter, { ...raw, batchSize: 100_000, ...(readConcern ? { readConcern } : {}) })
    .toArray()) as unknown as Buffer[];
}

function foundOf(
  versions: Versions,
  id: unknown,
  sides: { readonly old: SideState; readonly new: SideState },
  kept: Entry | undefined,
): Found {
  const entry = resolved(versions.parts, kept, sides);
  const misfit = misfitOf(versions, 'new', sides.new, kept) ?? misfitOf(versions, 'old', sides.old, kept);
  return {
    id,
    old: sides.old.document,
    new: sides.new.document,
    sides,
    entry,
    known: kept !== undefined,
    announced: kept?.intent !== undefined,
    left_over: leftOver(versions.parts, kept, sides),
    partIds: versions.parts.some(hasOwnIds) ? partIdsOf(versions, sides) : [],
    ...(misfit ? { misfit } : {}),
  };
}

/** The _ids of the documents of parts that have _ids of their own. */
function partIdsOf(versions: Versions, sides: { readonly old: SideState; readonly new: SideState }): unknown[] {
  return (['old', 'new'] as const).flatMap((side) =>
    partsOfSide(versions.parts, side).flatMap((part, index) => {
      const document = sides[side].parts[index];
      return document && hasOwnIds(part) ? [idOf(document)] : [];
    }),
  );
}

/**
 * What of a version cannot be carried over as it is. Parts without the document that they belong to are what is left of one that was deleted, where they are
 * as they were when both were in step; else they wait for it.
 */
function misfitOf(versions: Versions, side: Side, state: SideState, kept: Entry | undefined): Misfit | undefined {
  if (state.problem !== undefined) return { side, reason: state.problem, lone: false };
  if (state.main) return undefined;
  const own = partsOfSide(versions.parts, side);
  const index = own.findIndex((part, at) => {
    const document = state.parts[at];
    return (
      document !== undefined &&
      ![kept?.inStep, kept?.intent?.inStep].some((inStep) => inStep && isAsIn(inStep, side, part, document))
    );
  });
  if (index < 0) return undefined;
  const reason = `${own[index]!.collection} has it, and ${versions[side]} has not`;
  return { side, reason, lone: true };
}

/** Documents of parts that belong to no _id, by their own names. */
async function strays(
  store: Store,
  versions: Versions,
  ids: readonly unknown[],
  entries: ReadonlyMap<string, { id: unknown; entry: Entry }>,
): Promise<Found[]> {
  const asked = ids.flatMap((id) => {
    const stray = strayOf(versions, id);
    return stray ? [{ id, stray }] : [];
  });
  if (asked.length === 0) return [];
  const kept = new Map([...entries.values()].map(({ id, entry }) => [textOf(id), entry]));
  const there = new Map<string, Part>();
  for (const part of versions.parts) {
    const own = asked.filter(({ stray }) => stray.part === part).map(({ stray }) => stray.id);
    if (own.length === 0) continue;
    for (const document of await rawDocuments(store, part.collection, { _id: { $in: own } } as Document))
      there.set(textOf(ownerOf(versions, part, document)), part);
  }
  return asked.map(({ id, stray }) => {
    const part = there.get(textOf(id));
    return {
      id,
      old: undefined,
      new: undefined,
      sides: { old: nothing, new: nothing },
      entry: kept.get(textOf(id)) ?? {},
      known: kept.has(textOf(id)),
      announced: false,
      partIds: part ? [stray.id] : [],
      ...(part ? { misfit: { side: part.side, reason: `its ${part.key} in ${part.collection} is no _id`, lone: false } } : {}),
    };
  });
}

function byKey(documents: readonly Buffer[]): Map<string, Buffer> {
  return new Map(documents.map((document) => [idKey(document), document]));
}

function textOf(id: unknown): string {
  return JSON.stringify(idToJson(id));
}
