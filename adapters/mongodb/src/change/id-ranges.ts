import type { Document } from 'mongodb';
import { idOf } from '../bson/id.ts';
import { idInterval, idRange, idsOfBracketAbove } from '../bson/id-range.ts';
import { both } from '../conditions.ts';
import { raw, type Store } from '../store.ts';

/** Consecutive _ids. */
export interface IdRange {
  /** The filter of the documents in it. */
  readonly filter: Document;
  /** The last _id. */
  readonly last: unknown;
}

/**
 * Cuts what meets a filter into ranges of so many documents, in the order of _id. Only the last _id of each comes here: what is done with a
 * range is done by its filter, and holds for documents that come into it meanwhile.
 */
export async function* idRanges(
  store: Store,
  collection: string,
  filter: Document,
  size: number,
  after: unknown,
): AsyncGenerator<IdRange> {
  for (let last = after; ; ) {
    // Within one bracket of types first: that is one interval of the index, which every server can go through in order.
    const bracket = idsOfBracketAbove(last);
    const end =
      (bracket && (await endOf(store, collection, both(bracket, filter), size))) ??
      (await endOf(store, collection, both(idRange(last, undefined), filter), size));
    if (!end) return;
    const next = idOf(end);
    yield { filter: idInterval(last, next), last: next };
    last = next;
  }
}

/** The last of the first so many documents, or of all where there are fewer. */
async function endOf(store: Store, collection: string, filter: Document, size: number): Promise<Buffer | undefined> {
  return (await idAt(store, collection, filter, 1, size - 1)) ?? idAt(store, collection, filter, -1, 0);
}

async function idAt(
  store: Store,
  collection: string,
  filter: Document,
  direction: 1 | -1,
  skip: number,
): Promise<Buffer | undefined> {
  const [found] = (await store.db
    .collection(collection)
    .find(filter, { ...raw, projection: { _id: 1 }, sort: { _id: direction }, skip, limit: 1 })
    .toArray()) as unknown as Buffer[];
  return found;
}
