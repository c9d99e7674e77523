import type {
  Check,
  CheckpointRecord,
  Fence,
  JournalStore,
  JsonObject,
  JsonValue,
  KeptIndex,
  LoadUndo,
  Loss,
  Partition,
} from '@polyshift/core';
import { journalFormat } from '@polyshift/core';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { LetterPlace } from '../dead-letters/open-letters.ts';
import type { SourceShape } from '../pipeline/source-shape.ts';
import type { InferredField } from '../transform/infer-columns.ts';

/** What became of the rows of one target. */
export interface TargetCounts {
  readonly inserted: number;
  readonly replaced: number;
  readonly already_there: number;
}

/** No rows of a target. */
const noTargetCounts: TargetCounts = { inserted: 0, replaced: 0, already_there: 0 };

/** What became of rows. */
export interface Counts {
  readonly rows_read: number;
  /** Rows that rules have made, over all targets; those rejected by rules are missing. */
  readonly rows_transformed: number;
  /** Rows of the source that no load took, by their `when`. */
  readonly left_out: number;
  /** Rows of the source that were rejected, in whole or in part. */
  readonly rejected: number;
  /** By the targets of the spec, in the order of loading; those at the end that have none may be missing. */
  readonly targets: readonly TargetCounts[];
}

/** No rows. */
export const noCounts: Counts = { rows_read: 0, rows_transformed: 0, left_out: 0, rejected: 0, targets: [] };

/** The sum of two counts. */
export function addCounts(left: Counts, right: Counts): Counts {
  const targets = Array.from({ length: Math.max(left.targets.length, right.targets.length) }, (_, index) =>
    addTargetCounts(left.targets[index] ?? noTargetCounts, right.targets[index] ?? noTargetCounts),
  );
  return {
    rows_read: left.rows_read + right.rows_read,
    rows_transformed: left.rows_transformed + right.rows_transformed,
    left_out: left.left_out + right.left_out,
    rejected: left.rejected + right.rejected,
    targets,
  };
}

/** The sum of two counts of one target. */
export function addTargetCounts(left: TargetCounts, right: TargetCounts): TargetCounts {
  return {
    inserted: left.inserted + right.inserted,
    replaced: left.replaced + right.replaced,
    already_there: left.already_there + right.already_there,
  };
}

/** What became of the rows of all targets. */
export function allTargets({ targets }: Counts): TargetCounts {
  return targets.reduce(addTargetCounts, noTargetCounts);
}

/** The counts of one target. */
export function countsOf({ targets }: Counts, target: number): TargetCounts {
  return targets[target] ?? noTargetCounts;
}

/** The indexes of a target that a run drops for its load. */
export interface TargetIndexes {
  /** Exactly as they were before the first of them was dropped, in the order of building. */
  readonly kept: readonly KeptIndex[];
  /** `dropped` from before the first drop until all are there again; then `restored`. */
  readonly state: 'dropped' | 'restored';
}

/** What a run has written of one target, and what its rollback needs. */
export interface RunTarget {
  readonly undo: LoadUndo;
  /** Rows in the target before the run. */
  readonly rows_before: number;
  /** Rows in the target that this load wrote. Set when it is done. */
  readonly rows_loaded: number | null;
  /** Rows that a retry of dead letters may have written beyond these, while it is `retrying`: never less than what it has. */
  readonly rows_retried: number;
  /** The fields as they were settled when the run began: they do not change with the source. */
  readonly fields: readonly InferredField[];
  /** Missing where none were dropped. */
  readonly indexes?: TargetIndexes | undefined;
}

/** A part of a scan that is read in one go. */
export interface RunPartition {
  /** Counts the partitions of all flows, from 0. */
  readonly id: number;
  /** The position of the flow. */
  readonly flow: number;
  /** As the source of the flow gave it. */
  readonly part: Partition;
}

/** A load that was finished before the one that the record is about; rollback goes back to it. */
export interface EarlierLoad {
  readonly run_id: string;
  readonly targets: readonly RunTarget[];
  readonly dead_letters: LetterPlace;
  readonly totals: Counts | null;
  readonly started_at: string;
  readonly finished_at: string | null;
}

/** A run of a spec as the target's journal holds it. */
export interface EtlRun {
  readonly spec_name: string;
  readonly spec_checksum: string;
  /** The file of the spec as it was named; missing where it had none, or the record is of an older version. */
  readonly spec_file?: string | undefined;
  /** The spec without secrets. */
  readonly spec: JsonObject;
  readonly run_id: string;
  /** `loaded`: all rows are written, but the checks after the load have not passed. */
  readonly state: 'running' | 'loaded' | 'done' | 'rolling_back' | 'rolled_back';
  /** In the order of loading; rollback goes the other way. */
  readonly targets: readonly RunTarget[];
  readonly partitions: readonly RunPartition[];
  /** True from before the moment at which its chunks were given to workers, each under a lock of its own. */
  readonly chunk_locks?: boolean | undefined;
  /** What each flow reads, as it was when the run began. */
  readonly sources: readonly SourceShape[];
  readonly started_at: string;
  readonly finished_at: string | null;
  /** How often it was started. */
  readonly attempts: number;
  /** Set when all rows are written. */
  readonly totals: Counts | null;
  readonly losses: readonly Loss[];
  /** Where the rejected rows are. */
  readonly dead_letters: LetterPlace;
  /** The source rows, by their keys, that a retry of dead letters is writing, or was writing when it died. */
  readonly retrying?: { readonly flow: number; readonly keys: readonly (readonly JsonValue[])[] } | undefined;
  /** What the checks of the spec found before the run and, the last time that they ran, after it; missing where it has none. */
  readonly checks?: { readonly before: readonly Check[]; readonly after: readonly Check[] } | undefined;
  /** Newest last. */
  readonly earlier: readonly EarlierLoad[];
}

/** How far a partition of a run is. */
export interface PartitionProgress {
  readonly run_id: string;
  readonly partition: number;
  /** The key to go on behind; null at the start. */
  readonly last_key: JsonValue;
  /** Rows of the partition up to `last_key`. */
  readonly position: number;
  /** What became of them. */
  readonly counts: Counts;
  readonly losses: readonly Loss[];
  /** Rows of the partition up to which writes may have been issued: never less than what was. */
  readonly reserved: number;
  /** By target, the rows of a write when this was kept; missing where the record is of an older version. */
  readonly write_rows?: readonly number[] | undefined;
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

  /** The progress of one partition of a run; undefined where it has not begun. */
  async partition(runId: string, partition: number): Promise<PartitionProgress | undefined> {
    const record = await this.journal.get('checkpoint', `${this.prefix}partition/${numbered(partition)}`);
    const progress = record?.data as unknown as PartitionProgress | undefined;
    return progress?.run_id === runId ? progress : undefined;
  }

  /** Asks the workers that have chunks under this token of the run's lock to end them after the writes in flight. */
  async putStop(fence: Fence): Promise<void> {
    await this.put(`${this.prefix}stop`, { token: fence.token }, fence);
  }

  /** Whether the workers under a token of the run's lock were asked to stop. */
  async hasStop(token: number): Promise<boolean> {
    const record = await this.journal.get('checkpoint', `${this.prefix}stop`);
    return record?.data['token'] === token;
  }

  /** Writes the progress of a partition. */
  async putPartition(progress: PartitionProgress, fence: Fence): Promise<void> {
    await this.put(`${this.prefix}partition/${numbered(progress.partition)}`, progress, fence);
  }

  /** The dead letters that workers have kept of a partition, by the keys of their records; they are moved to their place when the load has ended. */
  async letters(partition?: number): Promise<Map<string, DeadLetter>> {
    const prefix = `${this.prefix}letter/${partition === undefined ? '' : `${numbered(partition)}/`}`;
    const records = await this.journal.list('checkpoint', prefix);
    return new Map(records.map(({ key, data }) => [key, data as unknown as DeadLetter]));
  }

  /** Keeps a dead letter. One that is there for the same part of the same row is replaced. */
  async putLetter(letter: DeadLetter, fence: Fence): Promise<void> {
    const { partition, row, branch, item } = letter;
    const place = branch === null ? '' : `/${branch}/${item}`;
    await this.put(`${this.prefix}letter/${numbered(partition)}/${numbered(row)}${place}`, letter, fence);
  }

  /** Deletes dead letters by the keys of their records. */
  async deleteLetters(keys: Iterable<string>, fence: Fence): Promise<void> {
    for (const key of keys) await this.journal.delete('checkpoint', key, fence);
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

/** So that keys are in the order of their numbers. */
function numbered(number: number): string {
  return String(number).padStart(4, '0');
}

/** The name of the lock that a run of a spec holds in its target. */
export function lockName(specName: string): string {
  return `etl:${specName}`;
}
