import type { JsonValue } from '../value/json.ts';

/** Proof of holding the lock: a write to the journal with an outdated token is refused. */
export interface Fence {
  /** The name of the lock. */
  readonly lock: string;
  /** Grows by one with each new holder. */
  readonly token: number;
}

/** What a handler is given while it prepares, executes or rolls back. */
export interface RunContext {
  /** Unique for the run. */
  readonly run_id: string;
  /** The version of the migration. */
  readonly version: string;
  /** The index of the operation in the migration, from 0. */
  readonly step: number;
  /** Names what is kept aside for this step: `0002_3`, made of letters, digits and underscores, at most 40 characters. */
  readonly aside: string;
  readonly fence: Fence;
  /** Aborted when the run is to stop; handlers stop between two batches and throw what `guard` throws. */
  readonly signal: AbortSignal;
  /** Where the last run of this step stopped, as the handler gave it to `save`; undefined at the first run. */
  readonly checkpoint: JsonValue | undefined;
  /** Keeps a checkpoint in the journal. Call it after the write that it describes is durable. */
  save(checkpoint: JsonValue, rows_done: number): Promise<void>;
  /**
   * To be awaited before each batch of writes: throws LEASE_LOST or STOPPED when this run must not write any more. Behind a batch that was reported by a
   * yield it applies throttling, and may then wait for hours: yield nothing while the application is kept from writing, and hold no transaction open over it.
   */
  guard(): Promise<void>;
  /** A named place between two writes, where the crash harness can stop the process. Throws LEASE_LOST when this run has lost its lock. */
  fault(place: string): Promise<void>;
}

/** How far a step is. Yielded after each batch. */
export interface Progress {
  /** Rows or documents dealt with so far, those of earlier runs included. */
  readonly rows_done: number;
  /** Rows in all; undefined where nobody knows. */
  readonly rows_total?: number | undefined;
  /** What goes on, where it is not the plain work: `building index users_email`. */
  readonly note?: string;
}
