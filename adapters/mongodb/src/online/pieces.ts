import type { ClientSession, Document } from 'mongodb';
import { findElement } from '../bson/element.ts';
import { exactValue } from '../bson/exact-value.ts';
import { elementKey, idKey, idOf, idToJson } from '../bson/id.ts';
import { rawDocuments } from '../change/image.ts';
import { currentDocuments, type Replacement } from '../change/replace.ts';
import type { Store } from '../store.ts';
import type { Decision, Found, SideWrite } from './decide.ts';
import { join, mainOf, partDocumentOf, stateDigest } from './joined.ts';
import type { Side } from './ledger-entry.ts';
import { hasOwnIds, partsOfSide } from './parts.ts';
import type { Versions } from './versions.ts';

/**
 * The write of one document of one collection. Without transactions they are made stage by stage: parts before the document that they belong to, and deleted
 * behind it, so that a document that is there has all of them.
 */
export interface Piece extends Replacement {
  readonly side: Side;
  readonly collection: string;
  /** The field that a document which is inserted must be alone with. */
  readonly key: string;
  readonly stage: 0 | 1 | 2;
}

/** What carrying out the decision about one _id comes to. */
export interface Pieces {
  readonly pieces: readonly Piece[];
  /** The digests of what each side that is written holds afterwards. */
  readonly digests: Partial<Record<Side, string>>;
  /** The _ids of the documents of parts afterwards, where these have _ids of their own. */
  readonly partIds: readonly unknown[];
}

/** The pieces of a decision. */
export function piecesOf(versions: Versions, found: Found, decision: Decision): Pieces {
  if (decision.kind !== 'write') return { pieces: [], digests: {}, partIds: found.partIds };
  const written = decision.writes.map((write) => sidePieces(versions, found, write, decision.keeps_parts === true));
  const ownIds = versions.parts.some(hasOwnIds);
  return {
    pieces: written.flatMap(({ pieces }) => pieces),
    digests: Object.fromEntries(written.map(({ side, digest }) => [side, digest])),
    partIds: ownIds ? idsAfter(versions, found, new Map(written.map(({ side, documents }) => [side, documents]))) : [],
  };
}

function sidePieces(versions: Versions, found: Found, { side, after }: SideWrite, keepsParts: boolean) {
  const parts = partsOfSide(versions.parts, side);
  const state = found.sides[side];
  const main = after && mainOf(parts, after);
  const documents = parts.map((part, index) => {
    const existing = state.parts[index];
    if (!after) return undefined;
    return keepsParts && existing ? existing : partDocumentOf(part, after, existing);
  });
  const pieces: Piece[] = [];
  const add = (piece: Omit<Piece, 'side'>): void => {
    const { before, after: is } = piece;
    if (before === is || (before && is?.equals(before))) return;
    pieces.push({ ...piece, side });
  };
  add({ collection: versions[side], key: '_id', stage: 1, before: state.main, after: main });
  for (const [index, { collection, key }] of parts.entries()) {
    const is = documents[index];
    add({ collection, key, stage: is ? 0 : 2, before: state.parts[index], after: is });
  }
  return { side, pieces, documents, digest: stateDigest(join(versions[side], parts, main, documents)) };
}

function idsAfter(versions: Versions, found: Found, written: ReadonlyMap<Side, readonly (Buffer | undefined)[]>): unknown[] {
  return (['old', 'new'] as const).flatMap((side) =>
    partsOfSide(versions.parts, side).flatMap((part, index) => {
      const document = (written.get(side) ?? found.sides[side].parts)[index];
      return document && hasOwnIds(part) ? [idOf(document)] : [];
    }),
  );
}

/** Whether two lists name the same documents of parts. */
export function sameIds(left: readonly unknown[], right: readonly unknown[] = []): boolean {
  return left.length === right.length && JSON.stringify(left.map(idToJson)) === JSON.stringify(right.map(idToJson));
}

/** Pieces by their collection, in the order in which these come first. */
export function byCollection<Each extends { readonly piece: Piece }>(all: readonly Each[]): Each[][] {
  const groups = new Map<string, Each[]>();
  for (const each of all) {
    const group = groups.get(each.piece.collection);
    if (group) group.push(each);
    else groups.set(each.piece.collection, [each]);
  }
  return [...groups.values()];
}

/** Those of one collection whose documents are not what was read any more, or whose keys others have taken; within a transaction. */
export async function changedPieces<Each extends { readonly piece: Piece }>(
  store: Store,
  group: readonly Each[],
  session: ClientSession,
): Promise<Each[]> {
  const { collection, key } = group[0]!.piece;
  const current = await currentDocuments(
    store,
    collection,
    group.map(({ piece }) => piece),
    session,
  );
  const taken = key === '_id' ? new Set<string>() : await takenKeys(store, collection, key, group, session);
  return group.filter(({ piece: { before, after } }) => {
    const found = current.get(idKey((before ?? after)!));
    if (before) return !found?.equals(before);
    return found !== undefined || taken.has(elementKey(after!, findElement(after!, key)));
  });
}

async function takenKeys(
  store: Store,
  collection: string,
  key: string,
  group: readonly { readonly piece: Piece }[],
  session: ClientSession,
): Promise<Set<string>> {
  const wanted = group.flatMap(({ piece: { before, after } }) => {
    const element = before ? undefined : findElement(after!, key);
    return element ? [exactValue(after!, element.type, element.value)] : [];
  });
  if (wanted.length === 0) return new Set();
  const found = await rawDocuments(store, collection, { [key]: { $in: wanted } } as Document, session);
  return new Set(found.map((document) => elementKey(document, findElement(document, key))));
}
