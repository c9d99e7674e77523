import { Lease, type RunContext, type StoreSession } from '@polyshift/core';

/** A run context, and the end of the lease that it writes under. */
export interface LeasedRun extends AsyncDisposable {
  readonly run: RunContext;
}

/**
 * What a pipeline gives to a sink, for tests of a sink alone: it holds a lock of its own, `load`, until it is disposed of, and keeps no checkpoints.
 *
 * @param aside what the load keeps its undo under
 */
export async function leasedRun({ locks }: StoreSession, aside: string): Promise<LeasedRun> {
  const lease = await Lease.acquire(locks, 'load', { command: 'test' });
  const run: RunContext = {
    run_id: 'r',
    version: '1',
    step: 0,
    aside,
    fence: lease.fence,
    signal: lease.signal,
    checkpoint: undefined,
    save: async () => undefined,
    guard: () => lease.guard(),
    fault: async () => undefined,
  };
  return { run, [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() };
}
