import { type JsonObject, ownValue, PolyshiftError } from '@polyshift/core';
import { request } from '../http/request.ts';
import type { Store } from '../store.ts';
import { isOwnName, nameOf } from './names.ts';

/** A concrete index. */
export interface ConcreteIndex {
  readonly index: string;
  readonly aliases: Readonly<Record<string, JsonObject>>;
  readonly mappings: JsonObject;
  /** By their full names: `index.number_of_shards`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What a name of a collection stands for. */
export interface Collection {
  readonly name: string;
  /** `alias`: over exactly one index, whole; `plain`: an index; `view`: any other alias, which can only be read. */
  readonly kind: 'alias' | 'plain' | 'view';
  readonly indices: readonly ConcreteIndex[];
}

/** Primary shards of an index, by its settings. */
export function shardsOf(settings: ConcreteIndex['settings']): number {
  return Number(settings['index.number_of_shards']);
}

type Listed = Readonly<Record<string, Omit<ConcreteIndex, 'index'>>>;

/** A collection; undefined where there is none of that name, or it is polyshift's own. */
export async function findCollection(store: Store, name: string): Promise<Collection | undefined> {
  const full = nameOf(store, name);
  if (isOwnName(store, full)) return undefined;
  const indices = await listIndices(store, full);
  return indices.length === 0 ? undefined : collectionOf(name, full, indices);
}

/** A collection. Throws UNKNOWN_COLLECTION. */
export async function getCollection(store: Store, name: string): Promise<Collection> {
  const found = await findCollection(store, name);
  if (found) return found;
  throw new PolyshiftError(
    'UNKNOWN_COLLECTION',
    `there is no collection ${name}${store.prefix ? ` behind the prefix ${store.prefix}` : ''}`,
  );
}

/** The one index of a collection that can be written. Throws UNSUPPORTED_OPERATION for an alias over several, or a filtered one. */
export function onlyIndex(collection: Collection): ConcreteIndex {
  const [only] = collection.indices;
  if (collection.kind !== 'view' && only) return only;
  throw new PolyshiftError(
    'UNSUPPORTED_OPERATION',
    `${collection.name} is an alias over several indices or with a filter: it can only be read`,
    { hint: 'Name one of the indices behind it.' },
  );
}

/** All collections of the prefix, by name. An index is listed once: by its alias, where it has exactly one that stands for it alone and whole. */
export async function listCollections(store: Store): Promise<Collection[]> {
  const indices = (await listIndices(store, `${store.prefix}*`)).filter(
    ({ index, aliases }) =>
      !index.startsWith('.') && !isOwnName(store, index) && !Object.keys(aliases).some((alias) => isOwnName(store, alias)),
  );
  const byAlias = new Map<string, ConcreteIndex[]>();
  for (const each of indices)
    for (const alias of Object.keys(each.aliases))
      if (alias.startsWith(store.prefix)) byAlias.set(alias, [...(byAlias.get(alias) ?? []), each]);
  const bare = (full: string): string => full.slice(store.prefix.length);
  const found = [...byAlias].map(([alias, behind]) => collectionOf(bare(alias), alias, behind));
  const named = new Set(found.filter(({ kind }) => kind === 'alias').map(({ indices: [only] }) => only!.index));
  for (const each of indices) if (!named.has(each.index)) found.push(collectionOf(bare(each.index), each.index, [each]));
  return found.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Concrete indices that a name or pattern stands for; none where there is nothing. */
export async function listIndices(store: Store, pattern: string): Promise<ConcreteIndex[]> {
  const answer = await request<Listed | { status: number }>(store, 'GET', [pattern], {
    query: { flat_settings: true, expand_wildcards: 'open,hidden' },
    accepted: [404],
  });
  if ('status' in answer && typeof answer.status === 'number') return [];
  return Object.entries(answer as Listed).map(([index, rest]) => ({ index, ...rest }));
}

/** All names of the prefix that are taken, with it: of indices and of aliases. */
export async function takenNames(store: Store): Promise<Set<string>> {
  const answer = await request<Readonly<Record<string, { aliases: JsonObject }>>>(store, 'GET', [`${store.prefix}*`, '_alias'], {
    query: { expand_wildcards: 'all' },
  });
  return new Set(Object.entries(answer).flatMap(([index, { aliases }]) => [index, ...Object.keys(aliases)]));
}

function collectionOf(name: string, full: string, indices: readonly ConcreteIndex[]): Collection {
  const [first, ...others] = indices;
  if (first!.index === full) return { name, kind: 'plain', indices };
  // A name that is neither index nor alias is a data stream.
  const own = ownValue(first!.aliases, full);
  const whole = others.length === 0 && own !== undefined && Object.keys(own).every((part) => part === 'is_write_index');
  return { name, kind: whole ? 'alias' : 'view', indices };
}
