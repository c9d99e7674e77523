import type { ClientSession, Document } from 'mongodb';
import { findElement } from '../bson/element.ts';
import { exactValue } from '../bson/exact-value.ts';
import { elementKey, idKey, idOf, idToJson } from '../bson/id.ts';
import { rawDocuments } from '../change/image.ts';
import { currentDocuments, type Replacement } from '../change/replace.ts';
import type { Store } from '../store.ts';
import type { Decision, Found, SideWrite } from './decide.ts';
import { mainOf, partDocumentOf } from './joined.ts';
import type { Side } from './ledger-entry.ts';
import { hasOwnIds, partsOfSide } from './parts.ts';
import type { Versions } from './versions.ts';

/** The write of one document of one collection. */
export interface Piece extends Replacement {
  readonly side: Side;
  readonly collection: string;
  /** The field that a document which is inserted must be alone with. */
  readonly key: string;
  /** The place of the part among those of its version; undefined for the document itself. */
  readonly part?: number | undefined;
  /**
   * Without transactions the pieces of a version are made in this order: parts before the document that they belong to, and deleted behind it, so that a
   * document that is there has all of them. Each collection has numbers of its own.
   */
  readonly order: number;
}

/** What carrying out the decision about one _id comes to. */
export interface Pieces {
  /** In the order in which they are made. */
  readonly pieces: readonly Piece[];
  /** The _ids of the documents of parts afterwards, where these have _ids of their own. */
  readonly partIds: readonly unknown[];
}

/** The pieces of a decision. */
export function piecesOf(versions: Versions, found: Found, decision: Decision): Pieces {
  if (decision.kind !== 'write') return { pieces: [], partIds: found.partIds };
  const written = decision.writes.map((write) => sidePieces(versions, found, write, decision.keeps_parts === true));
  const ownIds = versions.parts.some(hasOwnIds);
  return {
    pieces: written.flatMap(({ pieces }) => pieces).sort(inOrder),
    partIds: ownIds ? idsAfter(versions, found, new Map(written.map(({ side, documents }) => [side, documents]))) : [],
  };
}

function inOrder(left: Piece, right: Piece): number {
  if (left.side !== right.side) return left.side === 'new' ? -1 : 1;
  return left.order - right.order;
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
  add({ collection: versions[side], key: '_id', order: 0, before: state.main, after: main });
  for (const [index, { collection, key }] of parts.entries()) {
    const is = documents[index];
    add({
      collection,
      key,
      part: index,
      order: is || !state.main ? index - parts.length : index + 1,
      before: state.parts[index],
      after: is,
    });
  }
  return { side, pieces, documents };
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

/** Pieces by their collection and order, in the order in which they are made. */
export function inGroups<Each extends { readonly piece: Piece }>(all: readonly Each[]): Each[][] {
  return byCollection(
    all.toSorted((left, right) => inOrder(left.piece, right.piece)),
    ({ collection, order }) => `${order} ${collection}`,
  );
}

/** Pieces by their collection, in the order in which these come first. */
export function byCollection<Each extends { readonly piece: Piece }>(
  all: readonly Each[],
  nameOf: (piece: Piece) => string = ({ collection }) => collection,
): Each[][] {
  const groups = new Map<string, Each[]>();
  for (const each of all) {
    const name = nameOf(each.piece);
    const group = groups.get(name);
    if (group) group.push(each);
    else groups.set(name, [each]);
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
