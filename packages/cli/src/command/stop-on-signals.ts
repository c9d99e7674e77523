import type { Output } from '../ui/output.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns the first signal into a request to stop after the current batch, and lets the second one end the process at once. What was begun
 * is resumable either way.
 */
export function stopOnSignals(output: Output): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const dispose = (): void => {
    for (const name of signals) process.off(name, onSignal);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      // Without listeners the signal does what it does by default, so that the parent sees what ended the process.
      dispose();
      process.kill(process.pid, name);
      return;
    }
    controller.abort();
    output.note(`${name}: stopping after the current batch; once more ends at once, and is resumable too`);
  };
  for (const name of signals) process.on(name, onSignal);
  return { signal: controller.signal, dispose };
}
