import { ConversionError, fail, PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { type ConcreteIndex, listIndices, shardsOf } from '../collection/collection.ts';
import { allDone, type BulkItem, bulk } from '../documents/bulk.ts';
import type { StoredDocument } from '../documents/document.ts';
import { getDocuments } from '../documents/get.ts';
import { refresh, scanIndex } from '../documents/scan.ts';
import { request } from '../http/request.ts';
import type { Store } from '../store.ts';
import { sequenceNumbers } from './sequence-numbers.ts';

/** Up to which write of each shard of the source the copy is complete, as journaled. */
export interface CopyCheckpoint {
  readonly positions: readonly number[];
  readonly rows_done: number;
}

/** A copy in which every document is changed on its way, and which follows what is written meanwhile. */
export class IndexCopy {
  rowsDone: number;
  private readonly store: Store;
  private readonly from: ConcreteIndex;
  private readonly to: string;
  private readonly change: (document: StoredDocument) => StoredDocument;
  private readonly positions: number[];
  private readonly batchSize: number;

  constructor(
    store: Store,
    from: ConcreteIndex,
    to: string,
    change: (document: StoredDocument) => StoredDocument,
    batchSize: number,
    checkpoint: CopyCheckpoint | undefined,
  ) {
    this.store = store;
    this.from = from;
    this.to = to;
    this.change = change;
    this.batchSize = batchSize;
    const shards = shardsOf(from.settings);
    this.positions = Array.from({ length: shards }, (_, shard) => checkpoint?.positions[shard] ?? -1);
    this.rowsDone = checkpoint?.rows_done ?? 0;
  }

  /** Up to which write of each shard of the source the copy is complete. */
  get copiedUpTo(): readonly number[] {
    return this.positions;
  }

  /**
   * Copies what was written behind the last pass, in the order of writing; returns how many documents that were. Only writes that were done before
   * the pass has begun count as seen: of those under way a later one may be visible before an earlier one.
   */
  async *pass(run: RunContext): AsyncGenerator<Progress, number> {
    const { done, highest } = await sequenceNumbers(this.store, this.from.index);
    await refresh(this.store, this.from.index);
    // Each write has a number, so that these are the documents that may come at most.
    const left = highest.reduce((sum, each, shard) => sum + each - this.positions[shard]!, 0);
    const rowsTotal = this.rowsDone + left;
    let copied = 0;
    for (let shard = 0; shard < this.positions.length; shard++) {
      const scan = {
        index: this.from.index,
        shards: this.positions.length,
        page: this.batchSize,
        expected: left,
        after: { shard, seq_no: this.positions[shard]! },
        oneShard: true,
      };
      for await (const { documents, last } of scanIndex(this.store, scan)) {
        await run.guard();
        await this.write(documents.map(({ document }) => document));
        await run.fault('copied');
        copied += documents.length;
        this.rowsDone += documents.length;
        this.positions[shard] = Math.min(last.seq_no, done[shard]!);
        await run.save({ positions: [...this.positions], rows_done: this.rowsDone }, this.rowsDone);
        yield { rows_done: this.rowsDone, rows_total: Math.max(rowsTotal, this.rowsDone) };
      }
      this.positions[shard] = Math.max(this.positions[shard]!, done[shard]!);
    }
    return copied;
  }

  /**
   * Deletes from the copy what was deleted from the source. To be called when the source is not written any more and all of it was copied. Throws
   * CHECK_FAILED where they have not the same number of documents then.
   */
  async removeDeleted(): Promise<void> {
    const source = await countVisible(this.store, this.from.index);
    const copy = await countDocuments(this.store, this.to);
    if (copy > source) await deleteMissing(this.store, this.to, this.from.index);
    const left = copy > source ? await countDocuments(this.store, this.to) : copy;
    if (left !== source) {
      const check = fail(
        'row_count',
        `the copy ${this.to} has ${left} documents, ${this.from.index} has ${source}`,
        'Somebody else writes the new index while it is built. Run again once nobody does: it is built anew.',
        { copy: left, source },
      );
      throw new PolyshiftError('CHECK_FAILED', check.message, { hint: check.action, data: { checks: [check] } });
    }
  }

  private async write(documents: readonly StoredDocument[]): Promise<void> {
    const items = documents.map((document): BulkItem => {
      const { id, routing, text } = this.changed(document);
      return { index: this.to, action: 'index', id, routing, text };
    });
    allDone(items, await bulk(this.store, items), `copying ${this.from.index} to ${this.to}`);
  }

  private changed(document: StoredDocument): StoredDocument {
    try {
      return this.change(document);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      throw new PolyshiftError('CONVERSION_FAILED', `the document ${document.id} cannot be converted: ${error.message}`, {
        cause: error,
      });
    }
  }
}

/** The exact number of documents. */
export async function countDocuments(store: Store, index: string): Promise<number> {
  await refresh(store, index);
  return countVisible(store, index);
}

/** The number of documents that searches see. */
async function countVisible(store: Store, index: string): Promise<number> {
  return (await request<{ count: number }>(store, 'GET', [index, '_count'])).count;
}

/** Deletes the documents of one index that another one does not have. */
export async function deleteMissing(store: Store, index: string, other: string): Promise<string[]> {
  const deleted: string[] = [];
  const [{ settings }] = (await listIndices(store, index)) as [ConcreteIndex];
  await refresh(store, index);
  for await (const { documents } of scanIndex(store, { index, shards: shardsOf(settings), page: 1000, expected: 1000 })) {
    const keys = documents.map(({ document: { id, routing } }) => ({ id, routing }));
    const there = new Set((await getDocuments(store, other, keys)).map(({ document }) => document.id));
    const items = keys.filter(({ id }) => !there.has(id)).map((key): BulkItem => ({ index, action: 'delete', ...key }));
    allDone(items, await bulk(store, items), `deleting from ${index}`);
    deleted.push(...items.map(({ id }) => id));
  }
  return deleted;
}
