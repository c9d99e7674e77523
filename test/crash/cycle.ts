import { isDeepStrictEqual } from 'node:util';
import { differences } from '@polyshift/core';
import type { StoreState } from '@polyshift/testkit/conformance';
import type { Application } from './application.ts';
import { chance, crashSeed } from './chance.ts';
import type { CrashFigures } from './figures.ts';
import type { Kill } from './kill.ts';
import type { Site } from './site.ts';

/** There and back: the commands, and the states between which they lead. */
export interface Journey {
  readonly there: readonly string[];
  readonly back: readonly string[];
  readonly before: StoreState;
  readonly after: StoreState;
}

/** The kills of one cycle. */
export interface CycleKills {
  readonly there: Kill;
  readonly back: Kill;
}

/** What all cycles of a store share. */
export interface CycleContext {
  readonly site: Site;
  readonly journey: Journey;
  readonly figures: CrashFigures;
  readonly application?: Application | undefined;
}

/**
 * One cycle: the way there is killed; it is finished, or taken back at once; the way back is killed, and finished, or turned round once
 * more. Each time one of both ends is reached, the store must be what an undisturbed run leaves. Throws with the seed and the name of the cycle,
 * which replay it.
 */
export async function runCycle(context: CycleContext, name: string, kills: CycleKills): Promise<void> {
  const { site, journey } = context;
  let where = '';
  const trail: string[] = [];
  const arriveAt = async (end: 'before' | 'after'): Promise<void> => {
    const lost = (await context.application?.settle()) ?? [];
    const found = await site.state();
    context.figures.compared++;
    context.figures.rows += Object.values(found).reduce((sum, each) => sum + (Number(each['count' as never]) || 0), 0);
    const wrong = isDeepStrictEqual(found, journey[end]) ? [] : [`not the state ${end}: ${different(journey[end], found)}`];
    if (lost.length + wrong.length > 0) throw new Error([...lost, ...wrong].join('\n'));
  };
  const step = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    trail.push(what);
    await work();
  };
  const path = chance(`${name} path`);
  try {
    context.application?.start();
    await step(`${journey.there.join(' ')}, killed`, async () => {
      where = (await site.disturbed(journey.there, kills.there)).where;
      trail.push(`at ${where}`);
    });
    if (path < 0.35) {
      await step(journey.back.join(' '), () => site.finish(journey.back));
      await arriveAt('before');
      return;
    }
    await step(journey.there.join(' '), () => site.finish(journey.there));
    await arriveAt('after');
    context.application?.start();
    await step(`${journey.back.join(' ')}, killed`, async () => {
      where = (await site.disturbed(journey.back, kills.back)).where;
      trail.push(`at ${where}`);
    });
    if (path > 0.85 && journey.there[0] === 'up') {
      await step(journey.there.join(' '), () => site.finish(journey.there));
      await arriveAt('after');
    }
    await step(journey.back.join(' '), () => site.finish(journey.back));
    await arriveAt('before');
  } catch (error) {
    context.figures.losses++;
    const replay = `CRASH_SEED=${crashSeed} CRASH_ONLY=${JSON.stringify(name)}`;
    throw new Error(`${name}: after ${trail.join(' > ')}:\n${(error as Error).message}\nreplay: ${replay}`, { cause: error });
  }
}

function different(expected: StoreState, found: StoreState): string {
  return differences(JSON.parse(JSON.stringify(expected)), JSON.parse(JSON.stringify(found)), 'store')
    .map(({ path, was, is }) => `${path} is ${JSON.stringify(is)}, not ${JSON.stringify(was)}`)
    .join('; ');
}
