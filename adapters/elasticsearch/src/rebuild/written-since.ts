import type { AsideStore } from '@polyshift/adapter-kit';
import type { RunContext } from '@polyshift/core';
import { type ConcreteIndex, shardsOf } from '../collection/collection.ts';
import type { StoredDocument } from '../documents/document.ts';
import { getDocuments } from '../documents/get.ts';
import { refresh, scanIndex } from '../documents/scan.ts';
import type { Store } from '../store.ts';
import { swapNotes } from './generation.ts';

/** A document that was written since the swap, and the one of the same id that was there before it. */
export interface WrittenSince {
  readonly document: StoredDocument;
  readonly old: StoredDocument | undefined;
}

/**
 * The documents that the application may have written since a step has swapped the index behind the name: those behind the place that was noted then, or all
 * where the index behind the name is not the one that the step has built, since a later rebuild counts its writes anew.
 */
export async function* writtenSince(
  store: Store,
  aside: AsideStore,
  next: ConcreteIndex,
  old: string,
  built: string,
  run: Pick<RunContext, 'aside'>,
): AsyncGenerator<WrittenSince[]> {
  const notes = await aside.get(swapNotes(run), ['positions']);
  const positions = next.index === built ? ((notes.get('positions') ?? []) as number[]) : [];
  const shards = shardsOf(next.settings);
  await refresh(store, next.index);
  for (let shard = 0; shard < shards; shard++) {
    const after = { shard, seq_no: positions[shard] ?? -1 };
    const scan = { index: next.index, shards, page: 1000, expected: 1000, after, oneShard: true };
    for await (const { documents } of scanIndex(store, scan)) {
      const keys = documents.map(({ document: { id, routing } }) => ({ id, routing }));
      const before = new Map((await getDocuments(store, old, keys)).map(({ document }) => [document.id, document]));
      yield documents.map(({ document }) => ({ document, old: before.get(document.id) }));
    }
  }
}
