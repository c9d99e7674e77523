import type { CheckpointRecord, Fence, JournalStore, JsonObject, JsonValue, LoadUndo, Loss, Partition } from '@polyshift/core';
import { journalFormat } from '@polyshift/core';

/** What became of rows. */
export interface Counts {
  readonly rows_read: number;
  /** Rows that rules have made; those rejected by rules are missing. */
  readonly rows_transformed: number;
  readonly inserted: number;
  readonly replaced: number;
  readonly already_there: number;
  readonly rejected: number;
}

/** No rows. */
export const noCounts: Counts = { rows_read: 0, rows_transformed: 0, inserted: 0, replaced: 0, already_there: 0, rejected: 0 };

/** The sum of two counts. */
export function addCounts(left: Counts, right: Counts): Counts {
  return {
    rows_read: left.rows_read + right.rows_read,
    rows_transformed: left.rows_transformed + right.rows_transformed,
    inserted: left.inserted + right.inserted,
    replaced: left.replaced + right.replaced,
    already_there: left.already_there + right.already_there,
    rejected: left.rejected + right.rejected,
  };
}

/** A load that was finished before the one that the record is about; rollback goes back to it. */
export interface EarlierLoad {
  readonly run_id: string;
  readonly undo: LoadUndo;
  readonly rows_loaded: number;
  readonly rows_before: number;
  readonly totals: Counts | null;
  readonly started_at: string;
  readonly finished_at: string | null;
}

/** A run of a spec as the target's journal holds it. */
export interface EtlRun {
  readonly spec_name: string;
  readonly spec_checksum: string;
  /** The spec without secrets. */
  readonly spec: JsonObject;
  readonly run_id: string;
  readonly state: 'running' | 'done' | 'rolling_back' | 'rolled_back';
  readonly undo: LoadUndo;
  readonly partitions: readonly Partition[];
  /** Rows in the target before the run. */
  readonly rows_before: number;
  readonly started_at: string;
  readonly finished_at: string | null;
  /** How often it was started. */
  readonly attempts: number;
  /** Set when it is done. */
  readonly totals: Counts | null;
  readonly losses: readonly Loss[];
  /** Rows in the target that this load wrote. Set when it is done. */
  readonly rows_loaded: number | null;
  readonly rejected_file: string;
  /** Newest last. */
  readonly earlier: readonly EarlierLoad[];
}

/** How far a partition of a run is. */
export interface PartitionProgress {
  readonly run_id: string;
  readonly partition: number;
  /** The key to go on behind; null at the start. */
  readonly last_key: JsonValue;
  /** What became of the rows up to `last_key`. */
  readonly counts: Counts;
  readonly losses: readonly Loss[];
  /** Rows of the partition up to which writes may have been issued: never less than what was. */
  readonly reserved: number;
  readonly done: boolean;
}

/** The records of one spec in the journal of its target. */
export class EtlRecords {
  private readonly journal: JournalStore;
  private readonly prefix: string;
  private readonly now: () => Date;

  constructor(journal: JournalStore, specName: string, now: () => Date = () => new Date()) {
    this.journal = journal;
    // No spec name holds a slash, so that no prefix is the beginning of another's.
    this.prefix = `etl/${specName}/`;
    this.now = now;
  }

  /** The run, or undefined where there was none. */
  async run(): Promise<EtlRun | undefined> {
    const record = await this.journal.get('checkpoint', `${this.prefix}run`);
    return record && (record.data as unknown as EtlRun);
  }

  /** Writes the run. */
  async putRun(run: EtlRun, fence: Fence): Promise<void> {
    await this.put(`${this.prefix}run`, run, fence);
  }

  /** The progress of the partitions of a run, by partition; those that have not begun are missing. */
  async partitions(runId: string): Promise<Map<number, PartitionProgress>> {
    const records = await this.journal.list('checkpoint', `${this.prefix}partition/`);
    const all = records.map((record) => record.data as unknown as PartitionProgress);
    return new Map(all.filter((progress) => progress.run_id === runId).map((progress) => [progress.partition, progress]));
  }

  /** Writes the progress of a partition. */
  async putPartition(progress: PartitionProgress, fence: Fence): Promise<void> {
    await this.put(`${this.prefix}partition/${String(progress.partition).padStart(4, '0')}`, progress, fence);
  }

  /** Deletes the progress of all partitions. */
  async deletePartitions(fence: Fence): Promise<void> {
    for (const record of await this.journal.list('checkpoint', `${this.prefix}partition/`)) {
      await this.journal.delete('checkpoint', record.key, fence);
    }
  }

  private async put(key: string, data: object, fence: Fence): Promise<void> {
    const record: CheckpointRecord = {
      key,
      data: data as unknown as JsonObject,
      updated_at: this.now().toISOString(),
      format: journalFormat,
    };
    await this.journal.put('checkpoint', key, record, fence);
  }
}

/** The name of the lock that a run of a spec holds in its target. */
export function lockName(specName: string): string {
  return `etl:${specName}`;
}
