import { type Emit, faultHook, type RunnerOptions, type UndoLimits } from '@polyshift/core';
import { dayMs } from '../command/duration.ts';
import type { Config } from '../config/config-schema.ts';
import { leaseMs } from '../config/lease.ts';
import { configuredThrottle } from '../config/throttle.ts';
import type { OpenStore } from '../stores/open-store.ts';

/** What the runner works with: the store, the settings of the configuration, and the flags. */
export function runnerOptions(
  { session, migrations, loaded }: OpenStore,
  run: { readonly signal?: AbortSignal; readonly emit?: Emit; readonly wait?: number | undefined } = {},
): RunnerOptions {
  const { config } = loaded;
  return {
    session,
    migrations,
    emit: run.emit,
    signal: run.signal,
    wait_ms: run.wait === undefined ? undefined : run.wait * 1000,
    lease_ttl_ms: leaseMs(config),
    throttle: configuredThrottle(loaded),
    keep_undo: undoLimits(config),
    fault: faultHook(),
  };
}

function undoLimits({ keep_undo_days: days, keep_undo_bytes: bytes }: Config): UndoLimits | undefined {
  if (days === undefined && bytes === undefined) return undefined;
  return { age_ms: days === undefined ? undefined : days * dayMs, bytes };
}
