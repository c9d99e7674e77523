import type { Fence, JsonValue, Loss } from '@polyshift/core';
import { LossCounter } from '../transform/losses.ts';
import { addCounts, type Counts, type EtlRecords, noCounts, type PartitionProgress } from './records.ts';

/** What a write of the partition came to. */
export interface UnitOutcome {
  /** Rows of the source that it dealt with. */
  readonly rows: number;
  readonly counts: Counts;
  readonly losses: readonly Loss[];
  /** Set where all rows of a source batch and of those before it are dealt with: the key to go on behind. */
  readonly mark: { readonly last_key: JsonValue } | undefined;
}

/** Completed writes between two checkpoints. */
const unitsPerCheckpoint = 10;

/**
 * Keeps the progress of one partition. Writes end in any order; the checkpoint advances over those only that have no gap before them.
 * Before a write is issued its rows are reserved in the journal, so that an attempt after a crash knows which rows may have been written.
 */
export class Checkpointer {
  private readonly records: EtlRecords;
  private readonly fence: Fence;
  private readonly reserveRows: () => number;
  private readonly writeRows: () => readonly number[];
  private readonly fault: (place: 'etl.before_checkpoint' | 'etl.after_checkpoint') => Promise<void>;
  private progress: PartitionProgress;
  private readonly losses = new LossCounter();
  private readonly ended = new Map<number, UnitOutcome>();
  private next = 0;
  private sinceMark: UnitOutcome[] = [];
  private sinceSave = 0;
  private saving: Promise<void> | undefined;
  private again: Promise<void> | undefined;

  constructor(parts: {
    records: EtlRecords;
    fence: Fence;
    progress: PartitionProgress;
    /** Rows that are reserved beyond those asked for. */
    reserveRows: () => number;
    /** By target, the rows of a write as they are now. */
    writeRows: () => readonly number[];
    fault: (place: 'etl.before_checkpoint' | 'etl.after_checkpoint') => Promise<void>;
  }) {
    this.records = parts.records;
    this.fence = parts.fence;
    this.progress = parts.progress;
    this.reserveRows = parts.reserveRows;
    this.writeRows = parts.writeRows;
    this.fault = parts.fault;
    this.losses.add(parts.progress.losses);
  }

  /** What is durable or about to be: the state up to the last mark. */
  get current(): PartitionProgress {
    return this.progress;
  }

  /** Makes durable that rows up to here may be written. To be awaited before the write is issued. */
  async reserve(rowsThrough: number): Promise<void> {
    if (rowsThrough <= this.progress.reserved) return;
    this.progress = { ...this.progress, reserved: rowsThrough + this.reserveRows() };
    await this.save();
  }

  /** Takes the outcome of a write; `sequence` counts the writes of this attempt from 0. Ends when a checkpoint that became due is durable. */
  async complete(sequence: number, outcome: UnitOutcome): Promise<void> {
    this.ended.set(sequence, outcome);
    for (let unit = this.ended.get(this.next); unit; unit = this.ended.get(this.next)) {
      this.ended.delete(this.next);
      this.next++;
      this.sinceMark.push(unit);
      this.sinceSave++;
      if (unit.mark) this.advance(unit.mark.last_key);
    }
    if (this.sinceSave >= unitsPerCheckpoint && this.sinceMark.length === 0) await this.save();
  }

  /** Makes the end of the partition durable. All writes must have ended. */
  async finish(): Promise<void> {
    if (this.sinceMark.length > 0) this.advance(this.progress.last_key);
    this.progress = { ...this.progress, done: true };
    await this.save();
  }

  /** Writes what is known. Calls that come while one is under way share the next one. */
  async save(): Promise<void> {
    if (this.saving) {
      this.again ??= this.saving
        .catch(() => undefined)
        .then(() => {
          this.again = undefined;
          return this.saveNow();
        });
      return this.again;
    }
    return this.saveNow();
  }

  private saveNow(): Promise<void> {
    this.sinceSave = 0;
    this.saving = this.write().finally(() => {
      this.saving = undefined;
    });
    return this.saving;
  }

  private async write(): Promise<void> {
    await this.fault('etl.before_checkpoint');
    await this.records.putPartition({ ...this.progress, write_rows: this.writeRows() }, this.fence);
    await this.fault('etl.after_checkpoint');
  }

  private advance(lastKey: JsonValue): void {
    const counts = this.sinceMark.reduce((sum, unit) => addCounts(sum, unit.counts), noCounts);
    const rows = this.sinceMark.reduce((sum, unit) => sum + unit.rows, 0);
    for (const unit of this.sinceMark) this.losses.add(unit.losses);
    this.sinceMark = [];
    this.progress = {
      ...this.progress,
      last_key: lastKey,
      position: this.progress.position + rows,
      counts: addCounts(this.progress.counts, counts),
      losses: this.losses.list(),
    };
  }
}
