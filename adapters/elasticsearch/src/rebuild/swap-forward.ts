import type { AsideStore } from '@polyshift/adapter-kit';
import type { Progress, RunContext } from '@polyshift/core';
import { getCollection, onlyIndex } from '../collection/collection.ts';
import { allowWrites, blockWrites, changeAliases, createIndex, markedIndex, moveAliases } from '../collection/index-changes.ts';
import { markAlias } from '../collection/names.ts';
import { adoptPlainIndex } from '../collection/plain-index.ts';
import { lastingSettings } from '../mapping/normal-mapping.ts';
import type { Store } from '../store.ts';
import { type CopyCheckpoint, IndexCopy } from './copy.ts';
import { CopyProof } from './copy-proof.ts';
import { type GenerationUndo, type NextIndex, swapNotes, type Transformation } from './generation.ts';
import { sequenceNumbers } from './sequence-numbers.ts';

/** A pass that copies no more than this many documents is followed by the last one, in which writes wait. */
const fewDocuments = 500;

/** Passes with the application writing; then the last one comes, however much there is left. */
const maxPasses = 10;

/** A rebuild of a collection. */
export interface Rebuild {
  readonly collection: string;
  readonly undo: GenerationUndo;
  /** How documents change, by the index before. */
  transformation(old: NextIndex): Transformation;
  readonly batch_size: number;
  /** What the next index is made with, from the old one. */
  next(old: NextIndex): NextIndex;
}

/**
 * Builds the next index beside the old one while the application works, follows what it writes, proves that each document is in it, and lets the name
 * stand for it in one step.
 * Writes are refused by the old index in the last pass and from then on; it is kept, under a mark that hides it, for the way back.
 */
export async function* swapForward(store: Store, aside: AsideStore, rebuild: Rebuild, run: RunContext): AsyncGenerator<Progress> {
  const { collection, undo } = rebuild;
  const found = await getCollection(store, collection);
  if (onlyIndex(found).index === undo.next) return;
  const old = onlyIndex(await adoptPlainIndex(store, found, run));
  const building = markAlias(store, 'next', run.aside);
  const begun = await markedIndex(store, building);
  if (!begun) {
    await run.guard();
    const { mappings, settings } = rebuild.next({ mappings: old.mappings, settings: lastingSettings(old.settings) });
    await createIndex(store, undo.next, { mappings, settings, aliases: { [building]: {} } });
    await run.fault('created');
  }
  const { forward } = rebuild.transformation(old);
  const copy = new IndexCopy(
    store,
    old,
    undo.next,
    forward,
    rebuild.batch_size,
    // Of an index that is made just now nothing was copied, whatever an earlier run has noted.
    begun ? (run.checkpoint as unknown as CopyCheckpoint | undefined) : undefined,
  );
  // A stop in the last pass leaves the old index blocked; the application works on while everything is copied again.
  if (old.settings['index.blocks.write'] === 'true' && !undo.blocked) await allowWrites(store, old.index);
  for (let pass = 0; pass < maxPasses; pass++) if ((yield* copy.pass(run)) <= fewDocuments) break;
  const proof = new CopyProof(store, old, undo.next, forward);
  await proof.pass(copy.copiedUpTo, run);
  await run.guard();
  await blockWrites(store, old.index);
  await run.fault('blocked');
  // Nothing is reported until the name has moved: behind a batch that was reported `guard` may make the run wait, and the application waits here.
  for await (const _unreported of copy.pass(run));
  await proof.pass(copy.copiedUpTo, run);
  proof.refuseDifferent();
  await copy.removeDeleted();
  await keepPositions(store, aside, undo.next, run);
  if (undo.blocked) await blockWrites(store, undo.next);
  await run.guard();
  await changeAliases(store, [
    ...moveAliases(store, old, undo.next),
    { remove: { index: undo.next, alias: building } },
    { add: { index: old.index, alias: markAlias(store, 'aside', run.aside) } },
  ]);
  await run.fault('swapped');
  yield { rows_done: copy.rowsDone, rows_total: copy.rowsDone };
}

/** Notes where the next index stands before the application writes to it: what comes behind it was written since. */
async function keepPositions(store: Store, aside: AsideStore, next: string, run: RunContext): Promise<void> {
  const { highest } = await sequenceNumbers(store, next);
  await aside.ensure(swapNotes(run));
  await aside.put(swapNotes(run), [{ key: 'positions', value: [...highest] }], 'replace');
}
