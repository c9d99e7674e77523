import type { JsonValue } from '@polyshift/core';
import type { Document } from 'mongodb';
import { bsonType, findElement } from '../bson/element.ts';
import { exactValue } from '../bson/exact-value.ts';
import { elementKey, idFromJson, idKey, idOf, idToJson } from '../bson/id.ts';
import { idBatches } from '../change/id-batches.ts';
import { rawDocuments } from '../change/image.ts';
import { collectionOf, raw, type Store } from '../store.ts';
import { hasOwnIds, type Part } from './parts.ts';
import type { Versions } from './versions.ts';

/** What the names of stray documents begin with, by which they are told from _ids. */
const strayName = /^polyshift_part:(\d+):/;

/** A document of a part that names no _id: it has no key, or one that no _id can be. The ledger knows it by this. */
export interface Stray {
  readonly part: Part;
  readonly id: unknown;
}

/**
 * What the ledger calls the document that a document of a part belongs to: the _id that its key holds; for one without a key that an _id could be, a name of
 * its own.
 */
export function ownerOf(versions: Pick<Versions, 'parts'>, part: Part, document: Buffer): unknown {
  const key = findElement(document, part.key);
  if (key && canBeId(key.type)) return exactValue(document, key.type, key.value);
  return `polyshift_part:${versions.parts.indexOf(part)}:${JSON.stringify(idToJson(idOf(document)))}`;
}

/** What {@link ownerOf} calls a stray document; undefined for the _id of any other. */
export function strayOf(versions: Pick<Versions, 'parts'>, id: unknown): Stray | undefined {
  const [name, index] = (typeof id === 'string' && strayName.exec(id)) || [];
  const part = versions.parts[Number(index)];
  return part && { part, id: idFromJson(JSON.parse(String(id).slice(name!.length)) as JsonValue) };
}

/** Whether a document of a part has a key that an _id can be. */
export function hasOwner(part: Part, document: Buffer): boolean {
  const key = findElement(document, part.key);
  return key !== undefined && canBeId(key.type);
}

function canBeId(type: number): boolean {
  return type !== bsonType.array && type !== bsonType.regex && type !== bsonType.undefined && type !== bsonType.dbPointer;
}

/** The owners of documents of parts that have come by in the feed of changes: those that they have now, and those that they had when they were last in step. */
export async function ownersOf(
  store: Store,
  versions: Versions,
  written: ReadonlyMap<number, readonly unknown[]>,
): Promise<unknown[]> {
  const owners: unknown[] = [];
  for (const [index, ids] of written) {
    const part = versions.parts[index]!;
    const now = await rawDocuments(store, part.collection, { _id: { $in: ids } } as Document);
    owners.push(...now.map((document) => ownerOf(versions, part, document)));
    const before = await collectionOf(store, versions.ledger)
      .find({ parts: { $in: ids } }, { ...raw, projection: { _id: 1 }, batchSize: 100_000 })
      .toArray();
    owners.push(...before.map((document) => idOf(document as unknown as Buffer)));
  }
  return owners;
}

/** The owners that documents of parts name and that neither version nor the ledger has. */
export async function* unknownOwners(
  store: Store,
  versions: Pick<Versions, 'old' | 'new' | 'ledger' | 'parts'>,
  size: number,
): AsyncGenerator<readonly unknown[]> {
  for (const part of versions.parts) {
    for await (const { ids } of idBatches(store, part.collection, {}, size, undefined)) {
      const documents = await keysOf(store, part, ids);
      const owners = documents.map((document) => ownerOf(versions, part, document));
      const known = await knownIds(store, [versions.old, versions.new, versions.ledger], owners);
      const left = owners.filter((_owner, index) => {
        const document = documents[index]!;
        return !hasOwner(part, document) || !known.has(elementKey(document, findElement(document, part.key)));
      });
      if (left.length > 0) yield left;
    }
  }
}

/** Documents of a part with no more than _id and key. */
async function keysOf(store: Store, part: Part, ids: readonly unknown[]): Promise<Buffer[]> {
  const projection = { _id: 1, ...(hasOwnIds(part) ? { [part.key]: 1 } : {}) };
  return (await collectionOf(store, part.collection)
    .find({ _id: { $in: [...ids] } } as Document, { ...raw, batchSize: 100_000, projection })
    .toArray()) as unknown as Buffer[];
}

/** Which _ids some collections have, by key. */
export async function knownIds(store: Store, collections: readonly string[], ids: readonly unknown[]): Promise<Set<string>> {
  const found = await Promise.all(
    collections.map(
      async (name) =>
        (await collectionOf(store, name)
          .find({ _id: { $in: [...ids] } } as Document, { ...raw, batchSize: 100_000, projection: { _id: 1 } })
          .toArray()) as unknown as Buffer[],
    ),
  );
  return new Set(found.flat().map((document) => idKey(document)));
}
