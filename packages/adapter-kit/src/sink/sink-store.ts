import type { Batch, EncodedBatch, LoadUndo, PortableDocument, SinkTarget, TargetField } from '@polyshift/core';
import type { KeyedRow, RowStore, WriteOutcome } from '../row-store.ts';

/** Turns batches into rows of one target. Compiled once for the target; without I/O. */
export interface RowEncoder<Raw> {
  /** See `SinkWriter.encode`: the batch that comes out is in the store's own form. */
  encode(batch: Batch): EncodedBatch;
  /** The rows of a batch that encode has given, in its order. */
  rowsOf(batch: Batch): readonly KeyedRow<Raw>[];
  /** Rows as a batch in the store's own form. */
  batchOf(rows: readonly KeyedRow<Raw>[]): Batch;
}

/** Inserts rows with different keys, each only where its key is free: outcomes by position, as of `RowStore.write`. */
export type InsertRows<Raw> = (rows: readonly KeyedRow<Raw>[]) => Promise<WriteOutcome[]>;

/** What a store must give for a sink over its rows. */
export interface SinkStore<Raw> {
  readonly store: RowStore<Raw>;
  /** What is there of the target. Throws UNSUPPORTED_OPERATION where nothing can be loaded into it. */
  state(collection: string): Promise<LoadUndo['before']>;
  /** Statements and fields for the plan of a load. Throws INVALID_DOCUMENT or UNKNOWN_FIELD where key or columns do not fit. */
  plan(target: SinkTarget, before: LoadUndo['before']): Promise<{ statements: string[]; fields?: readonly TargetField[] }>;
  /** Makes the target where it is absent. Idempotent. */
  create(target: SinkTarget): Promise<void>;
  /** Deletes all rows. Idempotent. */
  clear(collection: string): Promise<void>;
  /** Drops the target with its rows. Idempotent. */
  drop(collection: string): Promise<void>;
  /** The exact number of rows. */
  count(collection: string): Promise<number>;
  encoder(target: SinkTarget): Promise<RowEncoder<Raw>>;
  /**
   * A quicker way than `RowStore.write` into a target that held nothing before the load, where two rows with the same key are never inserted at the
   * same time (`unique_keys`, or `sole_writer` and this package keeps them apart): it may look for the keys first and then write without a
   * condition, but must not take away what somebody else writes in between. Rows that may have been written before do not go this way. Asked
   * for when the target is opened. Default, and where it gives undefined: `RowStore.write`.
   */
  inserter?(target: SinkTarget): Promise<InsertRows<Raw> | undefined>;
  /** The violations of a document against the validation schema of the target; undefined where it has none that refuses. */
  violations?(collection: string): Promise<((document: PortableDocument) => readonly string[]) | undefined>;
  /** The place aside for what a load's rollback needs; default `load_` and the name. */
  aside?(name: string): string;
  /** Awaited when a load ends: what was put off is done here (a refresh). Default: nothing. */
  finish?(collection: string): Promise<void>;
}

/** The place aside of a load. */
export function loadAside<Raw>(sink: SinkStore<Raw>, name: string): string {
  return sink.aside?.(name) ?? `load_${name}`;
}
