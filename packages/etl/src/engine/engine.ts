import type { JsonValue, Partition } from '@polyshift/core';

/**
 * A part of a run as plain JSON: whoever has the spec and the two stores can run it, in this process, in a worker, or from a queue on
 * another machine. Loads are idempotent by key, so that a chunk may run twice.
 */
export interface Chunk {
  readonly spec_name: string;
  readonly spec_checksum: string;
  readonly run_id: string;
  /** Counts the chunks of a run, from 0. */
  readonly id: number;
  /** The position of its extract step among those of the spec, searches for orphans behind them. */
  readonly flow: number;
  readonly partition: Partition;
  /** The key to go on behind; null at the start of the partition. */
  readonly after: JsonValue;
  /** Rows of the partition before `after`. */
  readonly rows_before: number;
  /** Rows of the partition up to which an earlier attempt may have written: they are compared, not inserted again. */
  readonly replay_through: number;
}

/** Runs chunks. */
export interface Engine {
  /**
   * Runs all chunks, several at a time as it sees fit, and ends when all have ended. When one fails it starts no further ones, aborts `signal`
   * of those that run, waits for them, and throws the first error.
   */
  run(chunks: readonly Chunk[], work: (chunk: Chunk, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}
