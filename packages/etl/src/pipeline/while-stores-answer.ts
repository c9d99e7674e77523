import { defaultLeaseMs, type StoreSession, whileAnswering } from '@polyshift/core';
import type { EtlDependencies } from '../dependencies.ts';
import { lockName } from '../journal/records.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';

/** What the stores of a spec are watched with. */
export type WatchedCommand = Pick<EtlDependencies, 'lease_ttl_ms' | 'signal'>;

/**
 * Does work of a spec as long as all of these stores answer. Throws CONNECTION_LOST when one has not for as long as the lock outlives a dead run; the
 * signal that the work is given is aborted then, and when the command is asked to stop.
 */
export function whileStoresAnswer<Result>(
  sessions: readonly StoreSession[],
  loaded: LoadedSpec,
  { lease_ttl_ms, signal }: WatchedCommand,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ask = () => Promise.allSettled(sessions.map(({ locks }) => locks.read(lockName(loaded.spec.name))));
  return whileAnswering({ ask, limit_ms: lease_ttl_ms ?? defaultLeaseMs, signal }, work);
}
