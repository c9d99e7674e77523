import type { JsonObject, RunContext } from '@polyshift/core';
import { allDone, type BulkItem, bulk } from '../documents/bulk.ts';
import { refresh, scanIndex } from '../documents/scan.ts';
import type { Store } from '../store.ts';
import {
  type Collection,
  type ConcreteIndex,
  findCollection,
  getCollection,
  listIndices,
  onlyIndex,
  shardsOf,
  takenNames,
} from './collection.ts';
import {
  allowWrites,
  blockWrites,
  changeAliases,
  cloneIndex,
  deleteIndex,
  markedIndex,
  moveAliases,
  usersAliases,
} from './index-changes.ts';
import { markAlias, nameOf, versionedName } from './names.ts';

/**
 * Turns a plain index into an alias over an index, so that the index behind the name can be replaced. The copy is made of links to the same files;
 * name and index are exchanged in one step. Does nothing where it is an alias already. Returns the collection as it is then. Idempotent.
 */
export async function adoptPlainIndex(store: Store, found: Collection, run: RunContext): Promise<Collection> {
  const { name } = found;
  const plain = onlyIndex(found);
  if (found.kind !== 'plain') return found;
  const mark = markAlias(store, 'next', `${run.aside}_adopt`);
  const begun = await markedIndex(store, mark);
  // A copy of an earlier attempt may be without its last writes.
  if (begun) await deleteIndex(store, begun.index);
  await run.guard();
  await blockWrites(store, plain.index);
  await run.fault('blocked');
  const target = begun?.index ?? versionedName(store, name, await takenNames(store));
  await cloneIndex(store, plain, target, { [mark]: {} });
  await run.fault('cloned');
  const others = usersAliases(store, plain).map(([alias, properties]) => ({ add: { index: target, alias, ...properties } }));
  await changeAliases(store, [
    { remove_index: { index: plain.index } },
    { add: { index: target, alias: nameOf(store, name) } },
    ...others,
    { remove: { index: target, alias: mark } },
  ]);
  await run.fault('adopted');
  return getCollection(store, name);
}

/**
 * The way back: an alias over an index becomes a plain index of that name. The name is free for the moment of the copy, since an index cannot be renamed;
 * documents that the application writes in that moment, and which make an index of their own, are taken over. Idempotent.
 */
export async function releasePlainIndex(store: Store, name: string, run: RunContext): Promise<void> {
  const full = nameOf(store, name);
  const kept = markAlias(store, 'aside', `${run.aside}_release`);
  const fresh = markAlias(store, 'next', `${run.aside}_release`);
  const found = await findCollection(store, name);
  let behind = await markedIndex(store, kept);
  if (!behind) {
    if (found?.kind !== 'alias') return;
    const index = onlyIndex(found);
    await run.guard();
    await blockWrites(store, index.index);
    await changeAliases(store, [{ remove: { index: index.index, alias: full } }, { add: { index: index.index, alias: kept } }]);
    await run.fault('released');
    behind = (await markedIndex(store, kept))!;
  }
  for (;;) {
    const [there] = await listIndices(store, full);
    if (there?.aliases[fresh]) break;
    if (there) await takeOver(store, there.index, behind.index);
    await cloneIndex(store, behind, full, { [fresh]: {} });
    await run.fault('cloned');
  }
  const others: JsonObject[] = moveAliases(store, behind, full).filter((action) => 'add' in action);
  await changeAliases(store, [{ remove_index: { index: behind.index } }, ...others, { remove: { index: full, alias: fresh } }]);
  await run.fault('plain');
}

/** What a collection was before its index was exchanged or moved. */
export interface IndexState {
  /** Whether the name was an index itself. */
  readonly plain: boolean;
  /** Whether writes were blocked. */
  readonly blocked: boolean;
}

/** The last part of every way back: takes away what an adoption has begun, lets writes in again, and makes a plain index of what was one. Idempotent. */
export async function settleIndex(store: Store, name: string, { plain, blocked }: IndexState, run: RunContext): Promise<void> {
  const begun = await markedIndex(store, markAlias(store, 'next', `${run.aside}_adopt`));
  if (begun) await deleteIndex(store, begun.index);
  if (plain) await releasePlainIndex(store, name, run);
  const found = await findCollection(store, name);
  if (!found || found.kind === 'view') return;
  const { index, settings } = onlyIndex(found);
  if ((settings['index.blocks.write'] === 'true') === blocked) return;
  await (blocked ? blockWrites : allowWrites)(store, index);
}

/** Moves the documents of an index that a write of the application has made into the one that is about to get its name. */
async function takeOver(store: Store, from: string, to: string): Promise<void> {
  const [{ settings }] = (await listIndices(store, from)) as [ConcreteIndex];
  await blockWrites(store, from);
  await refresh(store, from);
  await allowWrites(store, to);
  for await (const { documents } of scanIndex(store, { index: from, shards: shardsOf(settings), page: 1000 })) {
    const items = documents.map(
      ({ document: { id, routing, text } }): BulkItem => ({ index: to, action: 'index', id, routing, text }),
    );
    allDone(items, await bulk(store, items), `taking over ${from}`);
  }
  await blockWrites(store, to);
  await deleteIndex(store, from);
}
