import { type JsonObject, type Progress, type RunContext, stableJson } from '@polyshift/core';
import { findCollection, getCollection, onlyIndex } from '../collection/collection.ts';
import { markedIndex } from '../collection/index-changes.ts';
import { markAlias } from '../collection/names.ts';
import { releasePlainIndex } from '../collection/plain-index.ts';
import { normalMapping } from '../mapping/normal-mapping.ts';
import type { Parts } from '../operations/parts.ts';
import type { Store } from '../store.ts';
import { discardGeneration } from './discard-generation.ts';
import { planGeneration, unchanged } from './generation.ts';
import { swapForward } from './swap-forward.ts';

/** The mapping that a collection had, whether it was an index of its own, and whether its writes were blocked. */
export interface MappingUndo extends JsonObject {
  mappings: JsonObject;
  plain: boolean;
  blocked: boolean;
}

const batchSize = 1000;

/** What {@link restoreMapping} needs, found out before anything is changed. */
export async function mappingUndo(store: Store, collection: string): Promise<MappingUndo> {
  const found = await getCollection(store, collection);
  const { mappings, settings } = onlyIndex(found);
  return {
    mappings: normalMapping(mappings),
    plain: found.kind === 'plain',
    blocked: settings['index.blocks.write'] === 'true',
  };
}

/**
 * Gives a collection the mapping that it had: a mapping only grows, by each new field of a document too, so that a smaller one means a new
 * index with the same documents. Does nothing where the mapping is as it was. Idempotent.
 */
export async function* restoreMapping(
  { store, rows }: Parts,
  collection: string,
  { mappings, plain, blocked }: MappingUndo,
  run: RunContext,
): AsyncGenerator<Progress> {
  const own: RunContext = { ...run, aside: `${run.aside}_m`, checkpoint: undefined, save: async () => undefined };
  const found = await findCollection(store, collection);
  if (found && stableJson(normalMapping(onlyIndex(found).mappings)) !== stableJson(mappings)) {
    const begun = await markedIndex(store, markAlias(store, 'next', own.aside));
    // A block that is there now may be the one of an attempt that was stopped.
    const planned = { ...(await planGeneration(store, collection)), blocked };
    const undo = begun ? { ...planned, next: begun.index } : planned;
    yield* swapForward(
      store,
      rows.aside,
      {
        collection,
        undo,
        transformation: () => unchanged,
        batch_size: batchSize,
        next: ({ settings }) => ({ mappings, settings }),
      },
      own,
    );
  }
  await discardGeneration(store, rows.aside, own);
  if (plain) await releasePlainIndex(store, collection, own);
}
