import { down, unlock, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { chance, scattered, seed } from '../../packages/testkit/src/conformance/places.ts';
import { storeState } from '../../packages/testkit/src/conformance/store-state.ts';
import { matrixStores } from '../matrix/stores.ts';
import { codeOf } from './command.ts';
import { contentOf, firstContent } from './content.ts';
import { Model } from './model.ts';
import { ModelStage, shortLease, takeOverPatience } from './model-stage.ts';
import { pausable } from './pausable.ts';

/** Places where each direction is paused at most: all of them in a long run, each in one of the two ways by chance. */
const places = Number(process.env['POLYSHIFT_FENCING_PLACES'] ?? 2);

/** A model with a version of every kind. */
function everyKind(): Model {
  const model = new Model();
  model.files.set('0010', firstContent);
  model.files.set('0020', contentOf('wide', 1));
  model.files.set('0030', contentOf('rename', 2, 'a0'));
  model.files.set('0040', contentOf('remove', 3, 'a1'));
  model.files.set('0050', contentOf('rebuild', 4));
  model.files.set('0060', contentOf('create', 5));
  model.files.set('0070', contentOf('drop', 6, undefined, 'c5'));
  return model;
}

/** How many places a run passes. */
async function placesOf(run: (fault: () => void) => Promise<unknown>): Promise<number> {
  let passed = 0;
  await run(() => {
    passed++;
  });
  return passed;
}

const ways = ['broken by hand', 'taken over after its lease'] as const;

/** Pauses of one direction: at the first place, where no transaction is open, and at others by chance; each lost the other way than the one before. */
function pausesOf(direction: string, count: number): { index: number; way: (typeof ways)[number] }[] {
  const others = scattered(count - 1, Math.min(places, count) - 1, `fencing ${direction}`);
  const first = chance(`fencing ${direction} way`) < 0.5 ? 0 : 1;
  return [0, ...others].map((index, nth) => ({ index, way: ways[(first + nth) % 2]! }));
}

describe.each(matrixStores)(`a run on $server that has lost its lock (PROPERTY_SEED=${seed})`, (store) => {
  it('writes nothing more, whether it was broken by hand or taken over after its lease', { timeout: 3_600_000 }, async () => {
    await using stage = await ModelStage.open(store);
    const options = await stage.options(everyKind());
    await up(options, { to: '0010' });
    const start = await storeState(stage.session);
    await up(options);
    const moves = {
      // The other run goes the whole way back: what the paused one still wants to write would find its rows as they were.
      down: { run: down, request: { to: '0010' }, other: up, back: {}, state: await storeState(stage.session) },
      up: { run: up, request: {}, other: down, back: { to: '0010' }, state: start },
    } as const;
    for (const [direction, { run, request, other, back, state }] of Object.entries(moves)) {
      if (direction === 'up') await down(options, { to: '0010' });
      let inTransaction = 0;
      const count = await placesOf((fault) => run({ ...options, fault }, request));
      await other(options, back);
      const pauses = pausesOf(direction, count);
      for (const { index, way } of pauses) {
        await using session = await stage.connect();
        let taken = false;
        const paused = pausable(session, index + 1, async () => {
          if (way === 'broken by hand' && (await codeOf(unlock(stage.session))) !== undefined) return;
          const code = await codeOf(other({ ...options, wait_ms: takeOverPatience }, back));
          taken = code !== 'LOCKED';
          if (taken) expect(code).toBeUndefined();
        });
        const lease_ttl_ms = way === 'broken by hand' ? options.lease_ttl_ms : shortLease;
        const code = await codeOf(run({ ...options, ...paused.options, lease_ttl_ms }, request));
        await paused.settled();
        const place = `${direction} paused at ${paused.place} (${index + 1} of ${count}), ${way}`;
        // The watch beside a run ends it too, where its heartbeat gets no answer for as long as its lease.
        const ended = ['LEASE_LOST', 'CONNECTION_LOST'];
        // A paused run that stands in a transaction keeps the lock on some stores: then nobody else has run.
        if (!taken) {
          inTransaction++;
          // The lease of a run whose lock is to be broken by hand outlasts the pause.
          expect(way === 'broken by hand' ? [undefined] : [undefined, ...ended], place).toContain(code);
          await other(options, back);
        } else expect(ended, place).toContain(code);
        expect(await storeState(stage.session), place).toEqual(state);
      }
      expect(inTransaction, 'places where the lock could not be taken').toBeLessThan(pauses.length);
    }
  });
});
