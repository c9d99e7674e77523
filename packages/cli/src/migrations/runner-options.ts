import { type Emit, faultHook, type RunnerOptions } from '@polyshift/core';
import type { OpenStore } from '../stores/open-store.ts';

/** What the runner works with: the store, the settings of the configuration, and the flags. */
export function runnerOptions(
  { session, migrations, loaded: { config } }: OpenStore,
  run: { readonly signal?: AbortSignal; readonly emit?: Emit; readonly wait?: number | undefined } = {},
): RunnerOptions {
  return {
    session,
    migrations,
    emit: run.emit,
    signal: run.signal,
    wait_ms: run.wait === undefined ? undefined : run.wait * 1000,
    lease_ttl_ms: config.lease_seconds === undefined ? undefined : config.lease_seconds * 1000,
    pause_ms: config.pause_ms,
    fault: faultHook(),
  };
}
