import { type JsonObject, PolyshiftError } from '@polyshift/core';
import { changedMeta, metaOf } from '../mapping/collection-meta.ts';
import { lastingSettings } from '../mapping/normal-mapping.ts';
import type { Store } from '../store.ts';
import { findCollection, getCollection, onlyIndex, takenNames } from './collection.ts';
import { createIndex, deleteIndex, usersAliases } from './index-changes.ts';
import { isOwnName, nameOf, versionedName } from './names.ts';

/** What a new collection is made with. */
export interface CollectionDefinition {
  readonly mappings: JsonObject;
  readonly settings: JsonObject;
  /** Further aliases, without the prefix. */
  readonly aliases?: JsonObject | undefined;
}

/** Creates an index and the alias over it in one step. A collection that is there already stays as it is. */
export async function makeCollection(store: Store, name: string, definition: CollectionDefinition): Promise<void> {
  const alias = nameOf(store, name);
  if (isOwnName(store, alias)) throw new PolyshiftError('INVALID_DOCUMENT', `${name} is a name of polyshift`);
  for (;;) {
    if (await findCollection(store, name)) return;
    const others = Object.entries((definition.aliases ?? {}) as Readonly<Record<string, JsonObject>>);
    const aliases = Object.fromEntries([[alias, {}], ...others.map(([other, properties]) => [nameOf(store, other), properties])]);
    const index = versionedName(store, name, new Set([...(await takenNames(store)), ...Object.keys(aliases)]));
    // The name of the index may have been taken in this moment; then another one is.
    if (await createIndex(store, index, { mappings: definition.mappings, settings: definition.settings, aliases })) return;
  }
}

/** A collection with mapping and settings of another one, without documents, under a key of its own. */
export async function makeCollectionLike(store: Store, name: string, like: string, key: readonly string[]): Promise<void> {
  const { mappings, settings } = onlyIndex(await getCollection(store, like));
  const own = key.length === 1 && key[0] === '_id' ? undefined : [...key];
  const kept = metaOf(mappings).validation === undefined ? {} : { validation: undefined };
  await makeCollection(store, name, {
    mappings: { ...mappings, _meta: changedMeta(mappings, { key: own, ...kept }) },
    settings: lastingSettings(settings),
  });
}

/** Drops a collection with its documents, and with those of its other names that are `own`; one that is not there is no error. */
export async function dropCollectionIndex(store: Store, name: string, own: readonly string[] = []): Promise<void> {
  const found = await findCollection(store, name);
  if (!found) return;
  const index = onlyIndex(found);
  const known = new Set([name, ...own].map((each) => nameOf(store, each)));
  const others = usersAliases(store, index).filter(([alias]) => !known.has(alias));
  if (found.kind === 'alias' && others.length > 0) {
    throw new PolyshiftError(
      'STATEMENT_FAILED',
      `${name} cannot be dropped: ${others.map(([alias]) => alias).join(', ')} stands for the same index`,
    );
  }
  await deleteIndex(store, index.index);
}
