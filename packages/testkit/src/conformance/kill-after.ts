import type { StoreSession } from '@polyshift/core';
import { Killed, severable } from './killed.ts';

/** Runs something that passes fault places and kills it at the nth; returns the name of the place. */
export async function killAfter(
  session: StoreSession,
  place: number,
  work: (session: StoreSession, fault: (at: string) => void) => Promise<unknown>,
): Promise<string> {
  const victim = severable(session);
  let count = 0;
  let name = 'nowhere';
  const fault = (at: string): void => {
    if (count++ !== place) return;
    name = at;
    victim.sever();
    throw new Killed('killed here');
  };
  const error = await work(victim.session, fault).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Killed)) throw new Error(`the run did not end by the kill at ${name}`, { cause: error });
  return `${name} (place ${place})`;
}
