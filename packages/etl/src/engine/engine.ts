import type { JsonValue, Partition } from '@polyshift/core';
import type { EtlEvent } from '../events.ts';
import type { FleetState } from './fleet-state.ts';

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

/**
 * A load as workers are told of it: names alone, never a URL, a key or a value. How far a chunk is, they read from the journal of the target
 * when they have its lock: what a queue says may be old.
 */
export interface LoadReference {
  readonly spec_name: string;
  readonly spec_checksum: string;
  readonly run_id: string;
  /** The token of the lock of the spec: a chunk runs only while this one is in force. */
  readonly token: number;
  /** Rows that the source will give, about. */
  readonly rows_total: number | null;
}

/** What an engine runs. */
export interface EngineLoad {
  /** The chunks that are not done. */
  readonly chunks: readonly Chunk[];
  /** Aborted when the run is asked to stop, or has lost its lock. */
  readonly signal: AbortSignal;
  /** Runs a chunk in this process, under the lock of the run; ends early, with an error, when the signal is aborted. */
  readonly work: (chunk: Chunk, signal: AbortSignal) => Promise<void>;
  /**
   * A further chunk, cut from what is left of one that `work` has in hand: for a place that is free while no chunk waits for it. Waits until one is cut; gives undefined once
   * none can be. Only for an engine that runs chunks by `work`.
   */
  readonly split: () => Promise<Chunk | undefined>;
  /** For workers elsewhere. */
  readonly reference: LoadReference;
  /**
   * The ids of the chunks that are not done, by the journal of the target, and with that the progress that is told. Throws where the run must end:
   * more rows rejected than the spec allows.
   */
  readonly open: () => Promise<ReadonlySet<number>>;
  /** Tells how far the fleet is. */
  readonly tell: (state: Omit<FleetState, 'total'>) => void;
  /** Tells of an error that is tried again. */
  readonly retried: (error: Error, attempt: number, pauseMs: number) => void;
  /** Passes on what a worker in this process has told. */
  readonly told: (event: EtlEvent) => void;
  /** By flow, what lets scans in other threads read the view of the source that those of the run read; null where there is none. */
  readonly shared: () => readonly JsonValue[];
}

/** Runs the chunks of loads. */
export interface Engine {
  /**
   * Who writes: the process of the run, under its lock alone (`run`), or whoever takes a chunk, each chunk under a lock of its own in the target (`chunk`).
   */
  readonly locks: 'run' | 'chunk';
  /** How many chunks a new load is cut into that asks for so many partitions. A source may give fewer. */
  chunks(partitions: number): Promise<number>;
  /**
   * Runs all chunks, several at a time as it sees fit, and ends when all have ended. When one fails it starts no further ones, has those that
   * run end, waits for them, and throws the first error.
   */
  run(load: EngineLoad): Promise<void>;
}
