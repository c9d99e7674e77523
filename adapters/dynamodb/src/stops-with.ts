import type { RunContext } from '@polyshift/core';

/** What is awaited between two looks at something that takes its time: it throws once the run is to stop, as `guard` does. */
export function stopsWith(run: RunContext): () => Promise<void> {
  return async () => {
    if (run.signal.aborted) await run.guard();
  };
}
