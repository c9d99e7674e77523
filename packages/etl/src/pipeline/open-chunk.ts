import { batchSize, type JsonValue, type Partition, type ReadOptions } from '@polyshift/core';
import type { Chunk } from '../engine/engine.ts';
import type { JoinedBatch, JoinedScan } from '../extract/joined.ts';

/** Reads that a chunk must have left, or between two cuts where nobody knows how many it has: less than that is not worth another connection. */
const leastReads = 4;

/** Records a cut: from then on the chunk ends earlier, and the other chunk is there. */
type RecordCut = (chunk: Chunk, first: Partition, second: Partition) => Promise<Chunk>;

/** A chunk in hand, of which what is left can be cut in two while it is read. */
export class OpenChunk {
  private readonly chunk: Chunk;
  private readonly scan: JoinedScan;
  private readonly readSize: number;
  private readonly record: RecordCut;
  private partition: Partition;
  private rows: number;
  private sinceCut = 0;
  private closed = false;
  private asked: { readonly answer: Promise<Chunk | undefined>; give(second: Chunk | undefined): void } | undefined;

  constructor(parts: { chunk: Chunk; scan: JoinedScan; readSize: number; record: RecordCut }) {
    this.chunk = parts.chunk;
    this.scan = parts.scan;
    this.readSize = parts.readSize;
    this.record = parts.record;
    this.partition = parts.chunk.partition;
    this.rows = parts.chunk.rows_before;
  }

  /** Rows that it has left, by estimate; undefined where nobody knows, as where the estimate was too low. */
  get left(): number | undefined {
    const { approximate_count: count } = this.partition;
    return count === undefined || count <= this.rows ? undefined : count - this.rows;
  }

  /** Whether it may have enough left, and can be cut. */
  get isDivisible(): boolean {
    return !this.closed && this.scan.split !== undefined && (this.left ?? Number.POSITIVE_INFINITY) >= leastReads * this.readSize;
  }

  /** What was asked of it, and is not answered yet. */
  get answer(): Promise<Chunk | undefined> | undefined {
    return this.asked?.answer;
  }

  /** Asks for a cut. Gives the second part once it is recorded; undefined where the chunk ends before that, or cannot be cut. */
  split(): Promise<Chunk | undefined> {
    let give = (_second: Chunk | undefined): void => undefined;
    const answer = new Promise<Chunk | undefined>((resolve) => {
      give = resolve;
    });
    this.asked = { answer, give };
    return answer;
  }

  /** Reads it; between two batches it may be cut. */
  async *read(options: ReadOptions): AsyncGenerator<JoinedBatch> {
    let after = options.after ?? null;
    try {
      for (let cut = true; cut; ) {
        cut = false;
        for await (const batch of this.scan.read(this.partition, { ...options, after: after ?? undefined })) {
          yield batch;
          const rows = batchSize(batch.batch);
          this.rows += rows;
          this.sinceCut += rows;
          after = batch.last_key;
          cut = await this.cutBehind(after);
          if (cut) break;
        }
      }
    } finally {
      this.close();
    }
  }

  /** Nothing is read of it any more. */
  close(): void {
    this.closed = true;
    this.give(undefined);
  }

  private async cutBehind(after: JsonValue): Promise<boolean> {
    const { chunk, left } = this;
    // What an earlier attempt may have written is told by the number of a row in its partition: it stays in this one.
    if (!this.asked || after === null || this.rows < chunk.replay_through) return false;
    if (left === undefined && this.sinceCut < leastReads * this.readSize) return false;
    const parts = await this.scan.split!(this.partition, after);
    if (!parts) {
      this.give(undefined);
      // Whoever asks again gets the answer at the end, or when so much more was read that there may be something to cut.
      this.sinceCut = 0;
      this.partition = withCount(this.partition, undefined);
      return false;
    }
    const each = left === undefined ? undefined : Math.ceil(left / 2);
    const first = withCount(parts[0], each === undefined ? undefined : this.rows + each);
    const second = await this.record(chunk, first, withCount(parts[1], each));
    this.partition = first;
    this.sinceCut = 0;
    this.give(second);
    return true;
  }

  private give(second: Chunk | undefined): void {
    const { asked } = this;
    this.asked = undefined;
    asked?.give(second);
  }
}

function withCount({ approximate_count: _before, ...partition }: Partition, count: number | undefined): Partition {
  return count === undefined ? partition : { ...partition, approximate_count: count };
}
