import { defaultLeaseMs, type Lease, type StoreSession, whileAnswering } from '@polyshift/core';
import type { EtlDependencies } from '../dependencies.ts';
import { lockName } from '../journal/records.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';

/** What the stores of a spec are watched with. */
export type WatchedCommand = Pick<EtlDependencies, 'lease_ttl_ms' | 'signal'>;

/** What the work is given. */
export interface Watched {
  /** Aborted when a store is lost, and when the command is asked to stop. */
  readonly signal: AbortSignal;
  /** To be called with the lock, once the work has it: a store that takes no heartbeat any more counts as lost too. */
  readonly holds: (lease: Lease) => void;
}

/**
 * Does work of a spec as long as all of these stores answer. Throws CONNECTION_LOST when one has not for as long as the lock outlives a dead
 * run.
 */
export function whileStoresAnswer<Result>(
  sessions: readonly StoreSession[],
  loaded: LoadedSpec,
  { lease_ttl_ms, signal }: WatchedCommand,
  work: (watched: Watched) => Promise<Result>,
): Promise<Result> {
  let held: Lease | undefined;
  const holds = (lease: Lease): void => {
    held = lease;
  };
  const ask = () => Promise.allSettled([held?.beat(), ...sessions.map(({ locks }) => locks.read(lockName(loaded.spec.name)))]);
  return whileAnswering({ ask, limit_ms: lease_ttl_ms ?? defaultLeaseMs, signal }, (each) => work({ signal: each, holds }));
}
