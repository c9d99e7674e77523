import type { StoreSession } from '@polyshift/core';
import { answerPatience, type CutMoment } from '../faults/tcp-proxy.ts';
import { openCutter } from './connection-cutter.ts';
import { severable } from './killed.ts';
import type { ConformanceOptions } from './options.ts';
import { chance, seed } from './places.ts';
import type { Stage } from './stage.ts';

/** What a run does with its session. */
export type Task = (session: StoreSession) => Promise<unknown>;

/** Where a connection is cut. */
export interface CutPlace {
  /** The write, from 1. */
  readonly write: number;
  readonly moment: CutMoment;
}

/** A run of less writes than this has gone around the proxy: taking the lock and writing the journal alone are more. */
const leastWrites = 5;

/** The place at a write, before or after it by chance. */
export function placeAt(write: number, name: string): CutPlace {
  return { write, moment: chance(`${name} moment ${write}`) < 0.5 ? 'before' : 'after' };
}

/** A place for people, with what replays it. */
export function placeText({ write, moment }: CutPlace): string {
  return `${moment} write ${write} (PROPERTY_SEED=${seed})`;
}

/** Runs a task through the cutter without a cut, and counts its writes. Throws where there are less than any way to do it takes. */
export async function writesOf(stage: Stage, options: ConformanceOptions, task: Task, least = leastWrites): Promise<number> {
  await using cutter = await openCutter(stage.url, options);
  await using session = await stage.connectAgain(cutter.url);
  const before = cutter.writes;
  await task(session);
  const writes = cutter.writes - before;
  if (writes >= least) return writes;
  throw new Error(
    `only ${writes} writes went through the proxy: the driver has found another way to the server; ` +
      'let `through_proxy` turn off in the URL that it asks for addresses',
  );
}

/**
 * Runs a task on a connection of its own that is cut at a place, and leaves it there as a dead process would: nothing that it asks for
 * afterwards reaches the store. Tells whether the cut was made: false where the task has ended before the place.
 */
export async function runUntilCut(stage: Stage, options: ConformanceOptions, place: CutPlace, task: Task): Promise<boolean> {
  await using cutter = await openCutter(stage.url, options);
  const session = await stage.connectAgain(cutter.url);
  const victim = severable(session);
  let cut = false;
  const cutting = cutter.cutAt(place.write, place.moment).then(() => {
    cut = true;
    victim.sever();
  });
  const ended = Promise.resolve(victim.session)
    .then(task)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  // A write of which only the answer is to be lost: the run may fail by what is refused meanwhile, a little before the cut is made.
  if ((await Promise.race([ended, cutting])) !== undefined) await Promise.race([cutting, within(answerPatience + 1000)]);
  if (cut) {
    // A driver may try again for long; a dead process would not, and nobody waits for it.
    await Promise.race([session.close().catch(() => undefined), within(300)]);
    return true;
  }
  const error = await ended;
  await session.close();
  if (error !== undefined) throw error;
  return false;
}

function within(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
