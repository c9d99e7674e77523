const undos = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `undo` when this process ends without having called the returned function, so that a forgotten or failed run
 * leaves no server behind. It runs synchronously on `exit`, and on SIGINT, SIGTERM and SIGHUP when nobody else listens
 * (somebody who listens, such as a test runner, wants to stop the servers in order). SIGKILL cannot be caught.
 * @returns A function that takes `undo` off again.
 */
export function onProcessExit(undo: () => void): () => void {
  if (undos.size === 0) {
    process.on('exit', runAll);
    for (const signal of signals) process.on(signal, onSignal);
  }
  undos.add(undo);
  return () => {
    if (undos.delete(undo) && undos.size === 0) unhook();
  };
}

function runAll(): void {
  for (const undo of undos) {
    try {
      undo();
    } catch {
      // The process is ending: the other servers still have to be stopped.
    }
  }
  undos.clear();
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  runAll();
  unhook();
  // With our listener gone, the signal does what it would have done without us, exit status included.
  process.kill(process.pid, signal);
}

function unhook(): void {
  process.off('exit', runAll);
  for (const signal of signals) process.off(signal, onSignal);
}
