import { keyList } from '@polyshift/adapter-kit';
import { type Check, checkThat, fail, type Operation, type OperationHandler, type OperationType, pass } from '@polyshift/core';
import { type ConcreteIndex, getCollection, onlyIndex, shardsOf } from '../collection/collection.ts';
import { markedIndex } from '../collection/index-changes.ts';
import { markAlias } from '../collection/names.ts';
import type { StoredDocument } from '../documents/document.ts';
import { getDocuments } from '../documents/get.ts';
import { refresh, scanIndex } from '../documents/scan.ts';
import { discardGeneration } from '../rebuild/discard-generation.ts';
import { type GenerationUndo, type NextIndex, planGeneration, type Transformation } from '../rebuild/generation.ts';
import { swapBack } from '../rebuild/swap-back.ts';
import { swapForward } from '../rebuild/swap-forward.ts';
import { writtenSince } from '../rebuild/written-since.ts';
import type { Store } from '../store.ts';
import type { Parts } from './parts.ts';

/** What an operation that builds a new index says of itself; the rest is the same for all of them. */
export interface Rebuilding<Type extends OperationType> {
  /** How documents change; `mappings` are those of the index before it. */
  transformation(operation: Operation<Type>, mappings: NextIndex['mappings']): Transformation;
  next(operation: Operation<Type>, old: NextIndex): NextIndex;
}

/** The methods that all operations with a new index share. */
export function rebuildMethods<Type extends OperationType>(
  parts: Parts,
  rebuilding: Rebuilding<Type>,
): Pick<OperationHandler<Type, GenerationUndo>, 'prepare' | 'execute' | 'verify' | 'rollback' | 'discard'> {
  const { store, rows } = parts;

  return {
    prepare: (operation) => planGeneration(store, operation.collection),

    async *execute(operation, undo, run) {
      const { collection, batch_size } = operation;
      const rebuild = {
        collection,
        undo,
        batch_size,
        transformation: (old: NextIndex) => rebuilding.transformation(operation, old.mappings),
        next: (old: NextIndex) => rebuilding.next(operation, old),
      };
      yield* swapForward(store, rows.aside, rebuild, run);
    },

    async verify(operation, undo, run) {
      const found = onlyIndex(await getCollection(store, operation.collection));
      if (found.index !== undo.next) {
        return [
          fail(
            'index_swapped',
            `${operation.collection} does not stand for ${undo.next}`,
            'Somebody else has swapped the index behind it.',
          ),
        ];
      }
      const swapped = pass('index_swapped', `${operation.collection} stands for ${undo.next}`);
      const old = await markedIndex(store, markAlias(store, 'aside', run.aside));
      if (!old)
        return [swapped, fail('documents_copied', 'the old index is not there any more', 'Somebody else has deleted it.')];
      const { forward } = rebuilding.transformation(operation, old.mappings);
      const blocked = found.settings['index.blocks.write'] === 'true' && !undo.blocked;
      if (blocked)
        return [
          swapped,
          fail('writes_allowed', `writes into ${found.index} are blocked, and were not before`, 'Set index.blocks.write back.'),
        ];
      return [swapped, await sameDocuments(parts, old, found, undo.next, forward, run.aside)];
    },

    async *rollback(operation, undo, run) {
      const transformation = (old: NextIndex) => rebuilding.transformation(operation, old.mappings);
      yield* swapBack(store, rows.aside, operation.collection, undo, transformation, run);
    },

    discard: (_operation, _undo, run) => discardGeneration(store, rows.aside, run),
  };
}

/** Proves that every document of the old index is in the next one in its new form, or was written or deleted there since. */
async function sameDocuments(
  { store, rows }: Parts,
  old: ConcreteIndex,
  next: ConcreteIndex,
  built: string,
  forward: Transformation['forward'],
  aside: string,
): Promise<Check> {
  const different = new Set<string>();
  let count = 0;
  let written = 0;
  for await (const { documents } of scanIndex(store, { index: old.index, shards: shardsOf(old.settings), page: 1000 })) {
    const found = await getDocuments(
      store,
      next.index,
      documents.map(({ document: { id, routing } }) => ({ id, routing })),
    );
    const there = new Map(found.map(({ document }) => [document.id, document]));
    for (const { document } of documents) {
      count++;
      const copy = there.get(document.id);
      if (!copy) written++;
      else if (copy.canonical !== forward(document).canonical) different.add(document.id);
    }
  }
  // Only now, because the application goes on writing: whatever was found different by its doing is among these.
  for await (const batch of writtenSince(store, rows.aside, next, old.index, built, { aside })) {
    for (const { document, old: before } of batch) {
      if (before) written++;
      different.delete(document.id);
    }
  }
  return checkThat(
    different.size === 0,
    'documents_copied',
    {
      pass: `${count} documents are in ${next.index} in their new form${written > 0 ? `, ${written} of them written or deleted since` : ''}`,
      fail: `${different.size} documents of ${next.index} are not what the old ones become: ${keyList([...different])}`,
      action: 'Take the migration back; if it stays so, please report it.',
    },
    { count, written },
  );
}

/** The ids of documents of an index for which something holds, for checks. */
export async function documentsWhere(
  store: Store,
  { index, settings }: ConcreteIndex,
  holds: (document: StoredDocument) => boolean,
): Promise<string[]> {
  const ids: string[] = [];
  await refresh(store, index);
  for await (const { documents } of scanIndex(store, { index, shards: shardsOf(settings), page: 1000 })) {
    for (const { document } of documents) if (holds(document)) ids.push(document.id);
  }
  return ids;
}
