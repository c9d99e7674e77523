import type { StoreSession } from '@polyshift/core';
import { breakDeadLock, Killed, severable } from './killed.ts';
import type { Stage } from './stage.ts';

/** A run that passes fault places, on the session that it is given. */
export type FaultyRun = (session: StoreSession, fault: (at: string) => void) => Promise<unknown>;

/** How a run has ended that was to be killed. */
export interface Kill {
  /** Where it was killed; undefined where it has ended before, undisturbed. */
  readonly name: string | undefined;
  /** The fault places that it has passed. */
  readonly passed: number;
}

/** Runs something and kills it at the nth fault place, from 0. Throws where the run ends by anything but the kill. */
export async function tryKill(session: StoreSession, place: number, work: FaultyRun): Promise<Kill> {
  const victim = severable(session);
  let passed = 0;
  let name: string | undefined;
  const fault = (at: string): void => {
    if (passed++ !== place) return;
    name = `${at} (place ${place})`;
    victim.sever();
    throw new Killed('killed here');
  };
  const error = await work(victim.session, fault).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Killed || (error === undefined && name === undefined)) return { name, passed };
  throw new Error(`the run did not end by the kill at ${name ?? `place ${place}`}`, { cause: error });
}

/** Like {@link tryKill} of a run that comes to the place for certain; returns the name of the place. */
export async function killAfter(session: StoreSession, place: number, work: FaultyRun): Promise<string> {
  const { name, passed } = await tryKill(session, place, work);
  if (name === undefined) throw new Error(`the run has passed ${passed} places, and was to be killed at place ${place}`);
  return name;
}

/** Goes on as a new process after a kill between two writes. */
export async function goOnAfterKill(stage: Stage): Promise<void> {
  await stage.reconnect();
  await breakDeadLock(stage.session);
}
