/** Is told each named place that a run passes, and awaited there. */
export type FaultHook = (place: string) => void | Promise<void>;

/** Where a module that was loaded before the command (`node --import`) leaves its hook in the global object. */
const key = Symbol.for('polyshift.fault');

/**
 * The hook that a crash harness has left in this process; undefined in every other one, where no place costs anything. The command passes it on as the
 * `fault` of runner and pipeline, so that a test can stop the real command exactly between two writes. Whoever can leave a hook can run
 * any code in the process already.
 */
export function faultHook(): FaultHook | undefined {
  return (globalThis as { [name: symbol]: FaultHook | undefined })[key];
}
