import type { Adapter, ConnectOptions, GivenThrottle } from '@polyshift/core';
import type { Engine } from './engine/engine.ts';
import type { EmitEtl } from './events.ts';

/** A store of the configuration, for specs that name one. */
export interface ConfiguredStore {
  readonly type: string;
  readonly url: string;
  readonly options?: ConnectOptions | undefined;
}

/** What the commands of this package work with. The package knows no adapter: they are given. */
export interface EtlDependencies {
  /** The adapter for a type of store. Throws UNKNOWN_STORE. */
  readonly resolveAdapter: (type: string) => Adapter | Promise<Adapter>;
  /** The stores of the configuration, by name. */
  readonly stores?: Readonly<Record<string, ConfiguredStore>> | undefined;
  readonly emit?: EmitEtl | undefined;
  /** Aborted on request: the run stops after the writes in flight and can be resumed (code STOPPED). */
  readonly signal?: AbortSignal | undefined;
  /** What runs the chunks; default: this process, see `localEngine`. */
  readonly engine?: Engine | undefined;
  /** Milliseconds that the lock outlives a dead run; default 30,000. */
  readonly lease_ttl_ms?: number | undefined;
  /** Milliseconds to wait for a lock that another run holds; default 0. */
  readonly wait_ms?: number | undefined;
  /** How often a call, and after it the connection, is tried again after an error that may pass; default 5, with growing pauses. */
  readonly retries?: number | undefined;
  /** The first of the growing pauses, in milliseconds; default 200. */
  readonly retry_pause_ms?: number | undefined;
  /** What holds writes back, beside what the journal of the target says and wins over it. Read anew while a run works. Default: nothing. */
  readonly throttle?: GivenThrottle | undefined;
  /** The clock of records and reports; default the system's. */
  readonly now?: (() => Date) | undefined;
  /** Called at the places of `faultPlaces`; the crash harness ends the process there. */
  readonly fault?: ((place: FaultPlace) => void | Promise<void>) | undefined;
}

/** Where the crash harness can stop a run, a retry of dead letters or a rollback: before and after each write that is to last. */
export const faultPlaces = [
  'etl.before_record',
  'etl.after_record',
  'etl.after_open',
  'etl.indexes_recorded',
  'etl.index_dropped',
  'etl.after_read',
  'etl.split_ready',
  'etl.split_recorded',
  'etl.before_write',
  'etl.after_write',
  'etl.before_checkpoint',
  'etl.after_checkpoint',
  'etl.before_finish',
  'etl.after_finish',
  'etl.after_loaded',
  'etl.index_building',
  'etl.index_built',
  'etl.indexes_restored',
  'etl.after_done',
  'etl.letters_kept',
  'etl.letters_gone',
  'etl.rollback_recorded',
  'etl.rollback_step',
  'etl.rollback_undone',
  'etl.rollback_discarded',
  'etl.rollback_done',
] as const;

/** One of {@link faultPlaces}. */
export type FaultPlace = (typeof faultPlaces)[number];
