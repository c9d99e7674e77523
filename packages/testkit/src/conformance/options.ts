import type { AnyOperationInput, DownScript, OperationType } from '@polyshift/core';
import type { TcpAddress } from '../faults/tcp-address.ts';
import type { ConnectionCutter } from './connection-cutter.ts';
import type { CorpusEntry } from './value-corpus.ts';

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
  /** What the operation must have made, where the store's own proof does not show it. */
  readonly result?: ScenarioResult;
}

/** What a collection holds after an operation, in the fields that are named; each value as its text, rows in any order. */
export interface ScenarioResult {
  readonly collection: string;
  readonly fields: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What differs from store to store. */
export interface ConformanceOptions {
  /** The name of the key field that rows of this store have: `id` (default), on MongoDB `_id`. */
  readonly key?: string;
  /** Scenarios of this store: they come on top of the suite's own, and stand alone with `replace`. */
  readonly scenarios?: Partial<Record<OperationType, readonly Scenario[]>>;
  /** Operations whose own scenarios stand in place of the suite's, because the store writes them in its own way (run_sql). */
  readonly replace?: readonly OperationType[];
  /** Places where each scenario is killed at most, spread over all there are; default 8. At one it is resumed, at the next it is taken back. */
  readonly kill_points?: number;
  /**
   * Writes at which the connection is cut, for one scenario of each operation and for a load: by a seed, spread over all there are; default 2.
   * At every second one the run is taken back instead of resumed.
   */
  readonly cut_points?: number;
  /** Places where one scenario of each operation is left incomplete while its handler says that it is done, in each of two ways; default 1. */
  readonly tamper_points?: number;
  /**
   * Writes the address of the cutting proxy into a URL; by default it takes the place of host and port. For a store whose driver asks the
   * server for the addresses of others, it must also say that it shall not: what goes around the proxy cannot be cut.
   */
  readonly through_proxy?: (url: string, proxy: TcpAddress) => string;
  /** Takes the place of the proxy for a store without a server to put one in front of: cuts where the driver writes. */
  readonly cutter?: (url: string) => Promise<ConnectionCutter>;
  /**
   * Runs a printed rollback script in the database of a URL by the store's driver alone: its statements one by one on one connection, or the
   * whole file at once where the driver takes one. Required where `rollback_scripts` are declared.
   */
  readonly run_script?: (url: string, script: DownScript, how: 'statements' | 'file') => Promise<void>;
  /** Queries for checks in the language of the store, on the seed's rows; for a store whose session has `query`. */
  readonly queries?: (url: string) => QueryExamples;
  /** Values that come on top of the suite's own: at the limits of this store, where it loses or refuses what others hold. */
  readonly values?: readonly CorpusEntry[];
  /** Random sequences of operations; default 10. */
  readonly sequences?: number;
  /** URL of a port where nobody listens, in the adapter's form; for the test of connection errors. */
  readonly unreachable_url: string;
}

/** Queries that the suite tries on the collection `items`. */
export interface QueryExamples {
  /** Gives the `mail` of the row whose key is 1. */
  readonly mail: string;
  /** Reads, and finds nothing. */
  readonly nothing: string;
  /** Whatever could change the rows of `items`; each must be refused. */
  readonly writes: readonly string[];
}
