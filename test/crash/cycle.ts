import { isDeepStrictEqual } from 'node:util';
import { differences } from '@polyshift/core';
import type { StoreState } from '@polyshift/testkit/conformance';
import { chance, seed } from '../../packages/testkit/src/conformance/places.ts';
import type { Application } from './application.ts';
import { type CrashFigures, tellProgress } from './figures.ts';
import type { Kill } from './kill.ts';
import type { Site } from './site.ts';

/** There and back: the commands, and the states between which they lead. */
export interface Journey {
  readonly there: readonly string[];
  readonly back: readonly string[];
  readonly before: StoreState;
  readonly after: StoreState;
}

/** What happens in one cycle. */
export interface CycleKills {
  /** On the way there, one after the other: each command goes on where the one before was killed. */
  readonly there: readonly Kill[];
  /** On the way back. */
  readonly back: readonly Kill[];
  /** What follows the kills on the way there, and whether the way back is turned round once. */
  readonly turn: Turn;
}

/** `back_at_once` takes back what has not arrived, `arrive` finishes it and then goes back, `turn_round` goes there once more half-way back. */
export type Turn = 'back_at_once' | 'arrive' | 'turn_round';

/** A turn by chance. */
export function drawTurn(name: string): Turn {
  const drawn = chance(`${name} turn`);
  return drawn < 0.3 ? 'back_at_once' : drawn < 0.85 ? 'arrive' : 'turn_round';
}

/** What all cycles of a store share. */
export interface CycleContext {
  readonly site: Site;
  readonly journey: Journey;
  readonly figures: CrashFigures;
  readonly application?: Application | undefined;
  /** Carries what the application has written over to the other of two versions, before states are compared. */
  readonly catchUp?: (() => Promise<void>) | undefined;
}

/**
 * One cycle: the way there is killed, and finished or taken back at once; the way back is killed, and finished or turned round once. Each time one of both ends is reached, the store must be what an undisturbed run leaves. Throws with the seed and the name of the cycle,
 * which replay it.
 */
export async function runCycle(context: CycleContext, name: string, kills: CycleKills): Promise<void> {
  const { site, journey } = context;
  const trail: string[] = [];
  const arriveAt = async (end: 'before' | 'after'): Promise<void> => {
    const lost = (await context.application?.settle()) ?? [];
    await context.catchUp?.();
    const found = await site.state();
    context.figures.compared++;
    tellProgress(context.figures);
    context.figures.rows += Object.values(found).reduce((sum, each) => sum + (Number(each['count' as never]) || 0), 0);
    const wrong = isDeepStrictEqual(found, journey[end]) ? [] : [`not the state ${end}: ${different(journey[end], found)}`];
    if (lost.length + wrong.length > 0) throw new Error([...lost, ...wrong].join('\n'));
  };
  const step = async (way: readonly string[]): Promise<void> => {
    trail.push(way.join(' '));
    await site.finish(way);
  };
  const killed = async (way: readonly string[], each: readonly Kill[]): Promise<void> => {
    for (const kill of each) {
      trail.push(way.join(' '));
      const { where } = await site.disturbed(way, kill);
      trail.push(`killed at ${where}`);
    }
  };
  try {
    context.application?.start();
    await killed(journey.there, kills.there);
    if (kills.turn === 'back_at_once') {
      await step(journey.back);
      await arriveAt('before');
      return;
    }
    await step(journey.there);
    await arriveAt('after');
    context.application?.start();
    await killed(journey.back, kills.back);
    // A rollback that was begun must be finished before a load can begin anew; a migration finishes it by itself.
    if (kills.turn === 'turn_round' && journey.there[0] === 'up') {
      await step(journey.there);
      await arriveAt('after');
    }
    await step(journey.back);
    await arriveAt('before');
  } catch (error) {
    context.figures.losses++;
    const replay = `PROPERTY_SEED=${seed} CRASH_ONLY=${JSON.stringify(name)}`;
    throw new Error(`${name}: after ${trail.join(' > ')}:\n${(error as Error).message}\nreplay: ${replay}`, { cause: error });
  }
}

function different(expected: StoreState, found: StoreState): string {
  return differences(JSON.parse(JSON.stringify(expected)), JSON.parse(JSON.stringify(found)), 'store')
    .map(({ path, was, is }) => `${path} is ${JSON.stringify(is)}, not ${JSON.stringify(was)}`)
    .join('; ');
}
