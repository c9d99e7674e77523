import type { Lease, Partition } from '@polyshift/core';
import type { FaultPlace } from '../dependencies.ts';
import { chunkOf, startOf } from '../engine/chunk-of.ts';
import type { Chunk } from '../engine/engine.ts';
import type { EtlRecords, EtlRun, RunPartition } from '../journal/records.ts';
import { OpenChunk } from './open-chunk.ts';
import type { Prepared } from './prepare.ts';
import { Slots } from './slots.ts';

/** Partitions that a run can have: their numbers have four digits in the journal. */
const mostPartitions = 10_000;

/** What a splitter works with. */
interface SplitterParts {
  readonly prepared: Prepared;
  readonly records: EtlRecords;
  readonly lease: Lease;
  readonly fault: (place: FaultPlace) => Promise<void>;
  /** The run as it is now, which nobody else records meanwhile. */
  readonly run: () => EtlRun;
  /** Takes the run with one more partition, once it is recorded. */
  readonly recorded: (run: EtlRun) => void;
}

/**
 * Cuts what is left of a chunk in two, where a place is free and no chunk waits for it. Both parts are in one record of the journal, that of the run: a cut is there as a
 * whole or not at all, and whoever goes on with the run has the rows behind it in exactly one partition. Only for a run whose chunks are all in this process, under its
 * lock.
 */
export class Splitter {
  private readonly parts: SplitterParts;
  private readonly open = new Set<OpenChunk>();
  /** One cut at a time: each is a new form of the same record. */
  private readonly turn = new Slots(1);

  constructor(parts: SplitterParts) {
    this.parts = parts;
  }

  /** Takes a chunk in hand for as long as it is worked on. */
  async during(chunk: Chunk, work: (open: OpenChunk) => Promise<void>): Promise<void> {
    const { scan, readSize } = this.parts.prepared.flows[chunk.flow]!;
    const open = new OpenChunk({ chunk, scan, readSize, record: (...cut) => this.record(...cut) });
    this.open.add(open);
    try {
      await work(open);
    } finally {
      this.open.delete(open);
      open.close();
    }
  }

  /** A chunk cut from the one in hand that has most left; undefined once none can be cut. */
  async split(): Promise<Chunk | undefined> {
    for (;;) {
      const divisible = [...this.open].filter(({ isDivisible }) => isDivisible);
      if (divisible.length === 0 || this.parts.run().partitions.length >= mostPartitions) return undefined;
      // Those of which nobody knows how much they have are asked first: they have outlived their estimates, or never had one.
      const largest = divisible
        .filter(({ answer }) => answer === undefined)
        .sort((left, right) => (right.left ?? Number.MAX_VALUE) - (left.left ?? Number.MAX_VALUE))[0];
      const chunk = largest
        ? await largest.split()
        : await Promise.race(divisible.map(({ answer }) => answer)).then(() => undefined);
      if (chunk) return chunk;
    }
  }

  private async record(chunk: Chunk, first: Partition, second: Partition): Promise<Chunk> {
    const { records, lease, fault } = this.parts;
    await this.turn.take();
    try {
      const run = this.parts.run();
      const id = run.partitions.length;
      const added: RunPartition = { id, flow: chunk.flow, part: { ...second, id } };
      const partitions = run.partitions.map((each) => (each.id === chunk.id ? { ...each, part: first } : each));
      const cut: EtlRun = { ...run, partitions: [...partitions, added] };
      await fault('etl.split_ready');
      await lease.guard();
      await records.putRun(cut, lease.fence);
      this.parts.recorded(cut);
      await fault('etl.split_recorded');
      return chunkOf(cut, added, startOf(cut, id));
    } finally {
      this.turn.give();
    }
  }
}
