import type { Conditions } from '../operation/condition.ts';
import type { JsonObject, JsonValue } from '../value/json.ts';
import type { Column, SourceBatch } from './batch.ts';

/** What to read. */
export interface SourceQuery {
  readonly collection: string;
  readonly conditions?: Conditions | undefined;
  /** Fields to read; all where missing. */
  readonly fields?: readonly string[] | undefined;
  /** What identifies a row and orders the scan; the primary key where missing. */
  readonly key?: readonly string[] | undefined;
  /** `extraction_params` of the spec: for the adapter. */
  readonly params?: JsonObject | undefined;
  /** What `share` of a scan over the same query has given in another thread or process: the scan reads that view of the store. */
  readonly shared?: JsonValue | undefined;
}

/** What a scan will give. */
export interface SourceDescription {
  /** The columns in order. For a document store, what samples or the validation schema show, and `dynamic` is true. */
  readonly columns: readonly Column[];
  readonly dynamic: boolean;
  /** The fields that identify a row; empty where there is no key, so that the scan cannot be resumed inside a partition. */
  readonly key: readonly string[];
  /** Rows that will come, from statistics or a count; undefined where nobody knows. */
  readonly approximate_count: number | undefined;
}

/** A part of a scan, plain JSON: any process with the same query can read it. */
export interface Partition {
  /** From 0. */
  readonly id: number;
  /** The bounds, in the adapter's own form. */
  readonly bounds: JsonValue;
  readonly approximate_count?: number | undefined;
}

/** How to read a partition. */
export interface ReadOptions {
  /** Rows in a batch, at most; the last one has what is left. */
  readonly batch_size: number;
  /** The `last_key` of the last batch that was dealt with: the scan goes on behind it. */
  readonly after?: JsonValue | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One scan over one query: a snapshot where the store has them. */
export interface SourceScan extends AsyncDisposable {
  readonly description: SourceDescription;
  /** The exact number of rows that the scan will give. Reads the store. */
  count(): Promise<number>;
  /** Splits the scan; every row is in exactly one partition, however many are wanted. At least one, at most `want`. */
  partitions(want: number): Promise<Partition[]>;
  /** Reads a partition in the order of the key, with back-pressure: the next batch is fetched when it is asked for (one ahead at most). */
  read(partition: Partition, options: ReadOptions): AsyncIterable<SourceBatch>;
  /**
   * Cuts what a partition has left behind a `last_key` (null: nothing was read of it yet) in two parts of about the same size. The first is the partition with an
   * earlier end, and is read on behind the same key; the second begins where it ends, with the id of the first: the caller gives it its own. Whatever the cut is, each
   * row is in one of the two. Undefined where too little is left, or nothing shows where to cut. Missing where partitions are no ranges that can be cut.
   */
  split?(partition: Partition, after: JsonValue): Promise<readonly [Partition, Partition] | undefined>;
  /**
   * Gives what lets scans on other connections read the view of the store that this one reads, as long as this one is open; see `SourceQuery.shared`. Missing where
   * the store, or the adapter, cannot share a view: then each scan reads the store as it is when it reads.
   */
  share?(): JsonValue;
}

/** A store that can be read. */
export interface Source {
  /** Opens a scan. Throws UNKNOWN_COLLECTION or UNKNOWN_FIELD for names that are not there. */
  scan(query: SourceQuery): Promise<SourceScan>;
}
