import { doctor, down, status, up } from '@polyshift/core';
import type { TestServer } from '@polyshift/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MigratedPeople } from './migrated-people.ts';
import { atPasses, FaultStage } from './stage.ts';
import { faultStores } from './stores.ts';
import { unwritable } from './unwritable.ts';

const ways = faultStores.flatMap(([name, store]) => {
  const ofStore = unwritable[store.server];
  if (typeof ofStore === 'string') return [];
  return ofStore.map((way) => [name, way.how, way, store] as const);
});

/** How commands end, and what becomes of the version, by whether the refusal may pass by itself. */
const ends = {
  resumable: { exit: 5, state: 'running' },
  // What was done so far was to be taken back, and could not be either.
  refused: { exit: 1, state: 'rolling_back' },
};

describe.each(ways)('migrations on %s, by %s', (_server, _how, way, store) => {
  let server: TestServer | undefined;
  let stage: FaultStage;
  let people: MigratedPeople;
  beforeAll(async () => {
    server = await way.server?.();
    stage = await FaultStage.open(store, server);
    people = await MigratedPeople.load(stage);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  const forbidAt = (guard: number) => atPasses('guard', { [guard]: async () => void (await way.forbid(stage, 'people')) });
  /** Allows writes, with a session of its own: those that there were may have been ended. */
  const allowed = async (command: typeof up | typeof down) => {
    await way.allow(stage, 'people');
    await using session = await stage.connect();
    await command(people.runner(session));
    return await session.fingerprint('people');
  };

  it('end when the store takes no writes; once it does, up finishes and down goes back', async () => {
    const { exit, state } = way.code === 'PERMISSION_DENIED' ? ends.refused : ends.resumable;
    expect(await people.failing(up, forbidAt(3))).toMatchObject({ code: way.code, exit });
    {
      await using session = await stage.connect();
      expect((await status(people.runner(session))).migrations).toMatchObject([{ version: '1', state }]);
      expect((await doctor(people.runner(session))).healthy).toBe(false);
    }
    expect(await allowed(up)).toEqual(people.after);
    expect(await people.failing(down, forbidAt(2))).toMatchObject({ code: way.code, exit });
    expect(await allowed(down)).toEqual(people.before);
    expect(await people.failing(up, forbidAt(5))).toMatchObject({ code: way.code, exit });
    expect(await allowed(down)).toEqual(people.before);
  });
});
