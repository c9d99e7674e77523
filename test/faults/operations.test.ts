import { doctor, down, status, up } from '@polyshift/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MigratedPeople } from './migrated-people.ts';
import { atPasses, FaultStage } from './stage.ts';
import { faultStores } from './stores.ts';

const resumable = { code: 'CONNECTION_LOST', exit: 5 };

// Two stores at once: most of the time of these tests is waiting.
describe.concurrent.each(faultStores)('migrations on %s', (_server, store) => {
  let stage: FaultStage;
  let people: MigratedPeople;
  beforeAll(async () => {
    stage = await FaultStage.open(store);
    people = await MigratedPeople.load(stage);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());
  afterEach(() => stage.proxy.heal());

  const finish = async () => {
    stage.proxy.heal();
    await up(people.runner());
    expect(await people.now()).toEqual(people.after);
  };
  const back = async () => {
    stage.proxy.heal();
    await down(people.runner());
    expect(await people.now()).toEqual(people.before);
  };

  it.sequential('are right where answers are slow and unsteady, and keep their lock', async () => {
    stage.proxy.delay(2, 4);
    await using session = await stage.connect();
    await up(people.runner(session));
    expect(await people.now()).toEqual(people.after);
    await down(people.runner(session));
    expect(await people.now()).toEqual(people.before);
  });

  it.sequential('end when the connection is half open, and go on from there', async () => {
    const stall = atPasses('guard', { 5: () => stage.proxy.stall() });
    expect(await people.failing(up, stall)).toMatchObject(resumable);
    await finish();
    const swallow = atPasses('guard', { 2: () => stage.proxy.swallow('answers') });
    expect(await people.failing(down, swallow)).toMatchObject(resumable);
    await back();
  });

  it.sequential('end when the store is away for longer than all tries; up and down both go on from there', async () => {
    const goAway = (guard: number) => atPasses('guard', { [guard]: () => stage.goAway() });
    expect(await people.failing(up, goAway(3))).toMatchObject(resumable);
    stage.proxy.heal();
    expect((await status(people.runner())).migrations).toMatchObject([{ version: '1', state: 'running' }]);
    const { findings } = await doctor(people.runner());
    expect(findings.flatMap(({ choices }) => choices.map(({ command }) => command))).toEqual(
      expect.arrayContaining(['polyshift up', 'polyshift down']),
    );
    await back();
    expect(await people.failing(up, goAway(6))).toMatchObject(resumable);
    await finish();
    expect(await people.failing(down, goAway(2))).toMatchObject(resumable);
    await back();
  });
});
