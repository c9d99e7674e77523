import type { JsonObject } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { hasType } from '../errors.ts';
import { request } from '../http/request.ts';
import type { Store } from '../store.ts';
import { type ConcreteIndex, listIndices } from './collection.ts';
import { isOwnName } from './names.ts';

/** One action of a change of aliases; all actions of one change happen at once. */
export type AliasAction = JsonObject;

/** What an index is made with. */
export interface IndexDefinition {
  readonly mappings: JsonObject;
  /** By their full names. */
  readonly settings: JsonObject;
  readonly aliases: Readonly<Record<string, JsonObject>>;
}

/** Creates an index; one that is there already stays as it is. Returns whether it was created. */
export async function createIndex(store: Store, index: string, definition: IndexDefinition): Promise<boolean> {
  try {
    await request(store, 'PUT', [index], { body: { ...definition } });
    return true;
  } catch (error) {
    if (!hasType(error, 'resource_already_exists_exception')) throw error;
    return false;
  }
}

/** Deletes an index; one that is not there is no error. */
export async function deleteIndex(store: Store, index: string): Promise<void> {
  await request(store, 'DELETE', [index], { accepted: [404] });
}

/** Makes all changes of aliases at once, or none. */
export async function changeAliases(store: Store, actions: readonly AliasAction[]): Promise<void> {
  if (actions.length > 0) await request(store, 'POST', ['_aliases'], { body: { actions: [...actions] } });
}

/** Refuses writes from now on, and waits for those that have begun. */
export async function blockWrites(store: Store, index: string): Promise<void> {
  await request(store, 'PUT', [index, '_block', 'write']);
}

/** Takes writes again. */
export async function allowWrites(store: Store, index: string): Promise<void> {
  await changeSettings(store, index, { 'index.blocks.write': null });
}

/** Changes settings; null sets one back to what it is without being said. */
export async function changeSettings(store: Store, index: string, settings: JsonObject): Promise<void> {
  await request(store, 'PUT', [index, '_settings'], { body: settings });
}

/** Copies an index whose writes are blocked, by links to its files, with all that makes it what it is. */
export async function cloneIndex(
  store: Store,
  from: ConcreteIndex,
  to: string,
  aliases: Readonly<Record<string, JsonObject>>,
): Promise<void> {
  // A clone takes every setting over but the number of copies.
  const copies = Object.entries(from.settings).filter(([name]) =>
    /^index\.(?:number_of_replicas|auto_expand_replicas)$/.test(name),
  );
  const settings = { ...Object.fromEntries(copies), 'index.blocks.write': false };
  const answer = await request<{ shards_acknowledged: boolean }>(store, 'POST', [from.index, '_clone', to], {
    body: { settings, aliases },
  });
  if (answer.shards_acknowledged) return;
  throw new PolyshiftError('STORE_BUSY', `the copy ${to} of ${from.index} has not started in time`, { retryable: true });
}

/** The index that an alias marks; undefined where there is none. */
export async function markedIndex(store: Store, mark: string): Promise<ConcreteIndex | undefined> {
  return (await listIndices(store, mark))[0];
}

/** The actions that move all aliases of users from one index to another. */
export function moveAliases(store: Store, from: ConcreteIndex, to: string): AliasAction[] {
  return usersAliases(store, from).flatMap(([alias, properties]): AliasAction[] => [
    { remove: { index: from.index, alias } },
    { add: { index: to, alias, ...properties } },
  ]);
}

/** The aliases of an index but polyshift's own marks, as an alias action takes them. */
export function usersAliases(store: Store, { aliases }: ConcreteIndex): [string, JsonObject][] {
  return Object.entries(aliases).filter(([alias]) => !isOwnName(store, alias));
}
