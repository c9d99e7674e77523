import type { StoreSession } from '../adapter/adapter.ts';
import type { Migration } from '../migration/migration.ts';
import type { GivenThrottle } from '../throttle/in-force.ts';
import type { Emit } from './events.ts';

/** How much of what rollback needs is kept. */
export interface UndoLimits {
  /** Milliseconds since a version was applied; older undo is deleted. */
  readonly age_ms?: number | undefined;
  /** Bytes that the undo of all versions may take; beyond that the oldest goes first, the newest version's never. What a store cannot measure counts as nothing. */
  readonly bytes?: number | undefined;
}

/** What every command of the runner works with. */
export interface RunnerOptions {
  readonly session: StoreSession;
  /** All migrations of this store, ordered (see `loadMigrations`). */
  readonly migrations: readonly Migration[];
  readonly emit?: Emit | undefined;
  /** Aborted on request: the run stops after the current batch and can be resumed (code STOPPED). */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the lock outlives a dead run; default 30,000. */
  readonly lease_ttl_ms?: number | undefined;
  /** Milliseconds to wait for a lock that another run holds; default 0. */
  readonly wait_ms?: number | undefined;
  /** Milliseconds to pause after each batch, where `throttle` does not say otherwise; default 0. */
  readonly pause_ms?: number | undefined;
  /** What holds batches back, beside what is kept in the journal and wins over it. Read anew while a run works. Default: nothing. */
  readonly throttle?: GivenThrottle | undefined;
  /** How often a batch is tried again after an error that may pass; default 5, with pauses that double from 200 ms and vary at random. */
  readonly retries?: number | undefined;
  /** How long and how much undo is kept: `up` finalizes what is beyond that when it has finished, once it is proven. Default: all, for ever. */
  readonly keep_undo?: UndoLimits | undefined;
  /** Called at named places; the crash harness ends the process there. */
  readonly fault?: ((place: string) => void | Promise<void>) | undefined;
}

/** What the options say of throttling: their `pause_ms` counts as one of the configuration. */
export function givenThrottle({ pause_ms, throttle }: Pick<RunnerOptions, 'pause_ms' | 'throttle'>): GivenThrottle {
  return { ...throttle, configuration: { ...(pause_ms === undefined ? {} : { pause_ms }), ...throttle?.configuration } };
}
