import { expect } from 'vitest';
import { breakDeadLock, Killed, severable } from '../../../packages/testkit/src/conformance/killed.ts';
import mysql from '../src/index.ts';
import type { TwoVersionsStage } from './online-harness.ts';

/**
 * Kills a run at its nth place, or the first one of a name, as a process is killed: nothing that comes behind reaches the server. Gives the place;
 * undefined where there is none.
 */
export async function killedAt(
  stage: TwoVersionsStage,
  place: number | string,
  work: (runner: TwoVersionsStage['runner']) => Promise<unknown>,
): Promise<string | undefined> {
  const session = await mysql.connect(stage.database.url);
  const victim = severable(session);
  let count = 0;
  let name: string | undefined;
  const fault = (at: string) => {
    if (!at.startsWith('online_change.') && !at.startsWith('finalize.')) return;
    const here = typeof place === 'number' ? count++ === place : name === undefined && at === `online_change.${place}`;
    if (!here) return;
    name = at;
    victim.sever();
    throw new Killed('killed here');
  };
  const error = await work({ ...stage.runner, session: victim.session, fault }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await session.close();
  if (name !== undefined) expect(error, name).toBeInstanceOf(Killed);
  await breakDeadLock(stage.database.session);
  return name;
}
