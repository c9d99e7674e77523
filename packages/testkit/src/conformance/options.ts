import type { AnyOperationInput, OperationType } from '@polyshift/core';

/** Where the suite finds the real server. */
export interface ConformanceServer {
  /** Makes an empty database (keyspace, index prefix, ...) of its own and tells its URL. */
  fresh(): Promise<{ readonly url: string; drop(): Promise<void> }>;
}

/** An operation to be proven, with what must be there before it. */
export interface Scenario {
  /** Shown in the name of the test. */
  readonly title: string;
  /** Operations of an earlier migration, after the seed rows were loaded into `items`. */
  readonly before?: readonly AnyOperationInput[];
  readonly operation: AnyOperationInput;
}

/** What differs from store to store. */
export interface ConformanceOptions {
  /** The name of the key field that rows of this store have: `id` (default), on MongoDB `_id`. */
  readonly key?: string;
  /** Scenarios of this store: they come on top of the suite's own, and stand alone with `replace`. */
  readonly scenarios?: Partial<Record<OperationType, readonly Scenario[]>>;
  /** Operations whose own scenarios stand in place of the suite's, because the store writes them in its own way (run_sql). */
  readonly replace?: readonly OperationType[];
  /** Places where each scenario is killed at most, spread over all there are; default 6. */
  readonly kill_points?: number;
  /** Random sequences of operations; default 10. */
  readonly sequences?: number;
  /** URL of a port where nobody listens, in the adapter's form; for the test of connection errors. */
  readonly unreachable_url: string;
}
