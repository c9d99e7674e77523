import type { RunContext } from '@polyshift/core';

/** A run that nobody disturbs and that keeps no checkpoints, but for what is given. */
export function runInMemory(given: Partial<RunContext> = {}): RunContext {
  return {
    run_id: 'r',
    version: '1',
    step: 0,
    aside: '1_0',
    fence: { lock: 'l', token: 1 },
    signal: new AbortController().signal,
    checkpoint: undefined,
    save: async () => undefined,
    guard: async () => undefined,
    fault: async () => undefined,
    ...given,
  };
}
