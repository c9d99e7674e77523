import type { RunnerOptions } from '@polyshift/core';
import { breakDeadLock, Killed, severable } from '../../../packages/testkit/src/conformance/killed.ts';

/** Runs something that dies at the nth place, or at the first of a name; gives the place, undefined where it has not come there. */
export async function killedAt(
  place: number | string,
  options: RunnerOptions,
  run: (options: RunnerOptions) => Promise<unknown>,
): Promise<string | undefined> {
  const victim = severable(options.session);
  let passed = 0;
  let name: string | undefined;
  const fault = (at: string): void => {
    if (name !== undefined || (passed++ !== place && at !== place)) return;
    name = at;
    victim.sever();
    throw new Killed(at);
  };
  await run({ ...options, session: victim.session, fault }).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  await breakDeadLock(options.session);
  return name;
}
