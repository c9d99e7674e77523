import { keyList } from '@polyshift/adapter-kit';
import { fail, PolyshiftError, type RunContext } from '@polyshift/core';
import { type ConcreteIndex, shardsOf } from '../collection/collection.ts';
import type { StoredDocument } from '../documents/document.ts';
import { getDocuments } from '../documents/get.ts';
import { refresh, scanIndex } from '../documents/scan.ts';
import type { Store } from '../store.ts';

/** Documents that are compared at once. */
const page = 1000;

/**
 * Proves, document by document, that a copy holds what it must before the name stands for it. Most of it is done while the application writes: what is
 * written behind the place up to which the copy is complete is compared by a later pass, as it is copied by one.
 */
export class CopyProof {
  private readonly store: Store;
  private readonly from: ConcreteIndex;
  private readonly to: string;
  private readonly change: (document: StoredDocument) => StoredDocument;
  /** Up to which write of each shard of the source the copy is proven. */
  private readonly positions: number[];
  private readonly different = new Set<string>();
  private count = 0;

  constructor(store: Store, from: ConcreteIndex, to: string, change: (document: StoredDocument) => StoredDocument) {
    this.store = store;
    this.from = from;
    this.to = to;
    this.change = change;
    this.positions = Array.from({ length: shardsOf(from.settings) }, () => -1);
  }

  /**
   * Compares what was written behind the last pass.
   * @param copied up to which write of each shard the copy is complete; what comes behind it is left to the next pass
   */
  async pass(copied: readonly number[], run: RunContext): Promise<void> {
    await refresh(this.store, this.from.index);
    for (let shard = 0; shard < this.positions.length; shard++) {
      const upTo = copied[shard]!;
      const scan = {
        index: this.from.index,
        shards: this.positions.length,
        page,
        expected: page,
        after: { shard, seq_no: this.positions[shard]! },
        oneShard: true,
      };
      for await (const { documents, last } of scanIndex(this.store, scan)) {
        await run.guard();
        await this.compare(documents.filter(({ seq_no }) => seq_no <= upTo).map(({ document }) => document));
        if (last.seq_no >= upTo) break;
      }
      this.positions[shard] = Math.max(this.positions[shard]!, upTo);
    }
  }

  /** Throws CHECK_FAILED where a document of the copy is not what it must be. */
  refuseDifferent(): void {
    if (this.different.size === 0) return;
    const check = fail(
      'documents_copied',
      `${this.different.size} of ${this.count} documents of ${this.to} are not what those of ${this.from.index} become: ${keyList([...this.different])}`,
      'Somebody else writes the new index while it is built. Run again once nobody does: it is built anew.',
      { count: this.count, different: this.different.size },
    );
    throw new PolyshiftError('CHECK_FAILED', `before ${this.to} takes the place of ${this.from.index}: ${check.message}`, {
      hint: check.action,
      data: { checks: [check] },
    });
  }

  private async compare(documents: readonly StoredDocument[]): Promise<void> {
    const keys = documents.map(({ id, routing }) => ({ id, routing }));
    const copies = keys.length === 0 ? [] : await getDocuments(this.store, this.to, keys);
    const there = new Map(copies.map(({ document }) => [document.id, document.canonical]));
    for (const document of documents) {
      this.count++;
      // One that is written again later is met again, with what it is by then.
      if (there.get(document.id) === this.change(document).canonical) this.different.delete(document.id);
      else this.different.add(document.id);
    }
  }
}
