import { down, up } from '@polyshift/core';
import { expect } from 'vitest';
import type { Scenario } from './options.ts';
import { migrationsOf, type Stage } from './stage.ts';
import { type StoreState, storeState } from './store-state.ts';

/** A scenario there and back, with nothing in its way: what all disturbed runs are held against. */
export interface Undisturbed {
  readonly before: StoreState;
  readonly after: StoreState;
  /** The fault places that `up` passes, and those of `down`. */
  readonly upPlaces: readonly string[];
  readonly downPlaces: readonly string[];
}

const known = new WeakMap<Stage, Undisturbed>();

/** Runs a scenario there and back the first time that it is asked for on a stage, which is left as it was. */
export async function undisturbed(stage: Stage, scenario: Scenario): Promise<Undisturbed> {
  const earlier = known.get(stage);
  if (earlier) return earlier;
  const migrations = migrationsOf(scenario);
  const upPlaces: string[] = [];
  const downPlaces: string[] = [];
  const before = await storeState(stage.session);
  await up({ session: stage.session, migrations, fault: (place) => void upPlaces.push(place) });
  const after = await storeState(stage.session);
  await down({ session: stage.session, migrations, fault: (place) => void downPlaces.push(place) });
  expect(await storeState(stage.session)).toEqual(before);
  const run: Undisturbed = { before, after, upPlaces, downPlaces };
  known.set(stage, run);
  return run;
}
