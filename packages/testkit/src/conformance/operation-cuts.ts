import { down, unlock, up } from '@polyshift/core';
import { expect } from 'vitest';
import { placeAt, placeText, runUntilCut, writesOf } from './cut-run.ts';
import type { ConformanceOptions, Scenario } from './options.ts';
import { scattered } from './places.ts';
import { migrationsOf, type Stage } from './stage.ts';
import { storeState } from './store-state.ts';
import { undisturbed } from './undisturbed.ts';

/**
 * Cuts the connection at writes of `up` and of `down`, and shows that a new process resumes to the end of an undisturbed run, or goes back
 * to its beginning. The stage is left as it was.
 */
export async function proveCuts(stage: Stage, options: ConformanceOptions, scenario: Scenario): Promise<void> {
  const migrations = migrationsOf(scenario);
  const name = `${scenario.operation.type} ${scenario.title}`;
  const { before, after } = await undisturbed(stage, scenario);
  const upWrites = await writesOf(stage, options, (session) => up({ session, migrations }));
  const downWrites = await writesOf(stage, options, (session) => down({ session, migrations }));
  expect(await storeState(stage.session)).toEqual(before);

  let cuts = 0;
  for (const [index, write] of scattered(upWrites, options.cut_points ?? 2, name).entries()) {
    const place = placeAt(write, name);
    if (await runUntilCut(stage, options, place, (session) => up({ session, migrations }))) cuts++;
    await goOnAfterCut(stage);
    if (index % 2 === 0) {
      await up({ session: stage.session, migrations });
      expect(await storeState(stage.session), `up after a cut ${placeText(place)}`).toEqual(after);
      const [write = 1] = scattered(downWrites, 1, `${name} down ${index}`);
      const back = placeAt(write, `${name} down`);
      if (await runUntilCut(stage, options, back, (session) => down({ session, migrations }))) cuts++;
      await goOnAfterCut(stage);
      await takeBack(stage, scenario);
      expect(await storeState(stage.session), `down after a cut of down ${placeText(back)}`).toEqual(before);
    } else {
      await takeBack(stage, scenario);
      expect(await storeState(stage.session), `down after a cut ${placeText(place)}`).toEqual(before);
    }
  }
  expect(cuts, 'the connection was cut').toBeGreaterThan(0);
}

/** Goes on as a new process after a cut. The write that was cut may still be at work: unlocking gives it the time to end. */
async function goOnAfterCut(stage: Stage): Promise<void> {
  await stage.reconnect();
  await unlock(stage.session);
}

/** Takes the scenario's operation back if it was begun, and leaves what was before it. */
export async function takeBack(stage: Stage, scenario: Scenario): Promise<void> {
  await down({ session: stage.session, migrations: migrationsOf(scenario) }, { to: scenario.before ? '1' : '0' });
}
