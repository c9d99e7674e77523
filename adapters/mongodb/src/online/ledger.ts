import type { ClientSession, Document } from 'mongodb';
import { idKey, idOf, idToJson } from '../bson/id.ts';
import { rawDocuments } from '../change/image.ts';
import { collectionOf, durable, type Store } from '../store.ts';
import { allWritten, updateDocuments } from '../write-commands.ts';
import { type Entry, entryDocument, type Refusal, readEntry } from './ledger-entry.ts';

/** Entries to keep, by _id; undefined takes an entry away. */
export interface LedgerChange {
  readonly id: unknown;
  readonly entry: Entry | undefined;
}

/** The entries of some _ids, by key, with the _id itself. */
export async function readEntries(
  store: Store,
  ledger: string,
  ids: readonly unknown[],
): Promise<Map<string, { id: unknown; entry: Entry }>> {
  const found = await rawDocuments(store, ledger, { _id: { $in: ids } } as Document);
  return new Map(found.map((document) => [idKey(document), { id: idOf(document), entry: readEntry(document) }]));
}

/** Writes entries; within a transaction where a session is given. */
export async function writeEntries(
  store: Store,
  ledger: string,
  changes: readonly LedgerChange[],
  session: ClientSession | undefined,
): Promise<void> {
  const kept = changes.filter(({ entry }) => entry !== undefined);
  const gone = changes.filter(({ entry }) => entry === undefined).map(({ id }) => id);
  if (kept.length > 0) {
    const statements = kept.map(({ id, entry }) => ({
      item: { q: { _id: id }, u: entryDocument(id, entry!), upsert: true },
      bytes: 2000,
    }));
    await allWritten(updateDocuments(store, ledger, statements, { session }));
  }
  if (gone.length > 0)
    await collectionOf(store, ledger).deleteMany({ _id: { $in: gone } } as Document, session ? { session } : durable);
}

/** Makes the ledger, with what finds refused writes, and the documents of parts. */
export async function createLedger(store: Store, ledger: string): Promise<void> {
  await store.db.command({
    createIndexes: ledger,
    indexes: [
      { key: { 'refused.side': 1 }, name: 'refused', sparse: true },
      { key: { parts: 1 }, name: 'parts', sparse: true },
    ],
    ...durable,
  });
}

/** A refused write, as it is shown. */
export interface RefusedWrite extends Refusal {
  readonly id: unknown;
}

/** How many writes are refused; of some sides where they are given. */
export async function countRefused(store: Store, ledger: string, sides?: readonly Refusal['side'][]): Promise<number> {
  return collectionOf(store, ledger).countDocuments({ 'refused.side': sides ? { $in: [...sides] } : { $exists: true } });
}

/** Refused writes, at most so many; of some sides where they are given. */
export async function refusedWrites(
  store: Store,
  ledger: string,
  most: number,
  sides?: readonly Refusal['side'][],
): Promise<RefusedWrite[]> {
  const filter = { 'refused.side': sides ? { $in: [...sides] } : { $exists: true } };
  const found = (await collectionOf(store, ledger).find(filter, { raw: true, limit: most }).toArray()) as unknown as Buffer[];
  return found.map((document) => ({ id: idOf(document), ...readEntry(document).refusal! }));
}

/** _ids without those that are there twice, in the form that they have first. */
export function distinctIds(ids: Iterable<unknown>): unknown[] {
  const seen = new Map<string, unknown>();
  for (const id of ids) {
    const key = JSON.stringify(idToJson(id));
    if (!seen.has(key)) seen.set(key, id);
  }
  return [...seen.values()];
}
