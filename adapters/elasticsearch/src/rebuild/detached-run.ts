import type { RunContext } from '@polyshift/core';

/** The run of something that no migration stands behind: nothing is journaled, and nothing but an error stops it. */
export function detachedRun(aside: string): RunContext {
  return {
    run_id: aside,
    version: aside,
    step: 0,
    aside,
    fence: { lock: '', token: 0 },
    signal: new AbortController().signal,
    checkpoint: undefined,
    save: async () => undefined,
    guard: async () => undefined,
    fault: async () => undefined,
  };
}
