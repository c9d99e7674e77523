import type { LoadUndo, SinkTarget, StoreSession } from '@polyshift/core';
import { expect } from 'vitest';
import { placeAt, placeText, runUntilCut, writesOf } from './cut-run.ts';
import type { ConformanceOptions } from './options.ts';
import { scattered } from './places.ts';
import { seedBatch, seedCount } from './seed.ts';
import type { Stage } from './stage.ts';
import { storeState } from './store-state.ts';

const chunkRows = 10;

/** Cuts the connection at writes of a load, and shows that a new process that takes its chunks again comes to the same end, and back. */
export async function proveLoadCuts(stage: Stage, options: ConformanceOptions, target: SinkTarget): Promise<void> {
  const before = await storeState(stage.session);
  const { undo } = await stage.session.sink!.plan(target);
  const writes = await writesOf(stage, options, (session) => load(session, target, undo, false));
  const after = await storeState(stage.session);
  await takeBack(stage.session, undo);
  expect(await storeState(stage.session)).toEqual(before);

  const name = `load ${target.mode}`;
  let cuts = 0;
  for (const write of scattered(writes, options.cut_points ?? 2, name)) {
    const place = placeAt(write, name);
    if (await runUntilCut(stage, options, place, (session) => load(session, target, undo, false))) cuts++;
    await stage.reconnect();
    await load(stage.session, target, undo, true);
    expect(await storeState(stage.session), `a load resumed after a cut ${placeText(place)}`).toEqual(after);
    await takeBack(stage.session, undo);
    expect(await storeState(stage.session), `a load taken back after a cut ${placeText(place)}`).toEqual(before);
  }
  expect(cuts, 'the connection was cut').toBeGreaterThan(0);
}

/** Loads the seed in small chunks; with `replay` each may have been written before, in part or whole. */
async function load(session: StoreSession, target: SinkTarget, undo: LoadUndo, replay: boolean): Promise<void> {
  const { key } = target;
  await using writer = await session.sink!.open(target, undo);
  for (let from = 0; from < seedCount; from += chunkRows) {
    const { batch } = writer.encode(seedBatch(key[0]!, from, from + chunkRows));
    expect((await writer.write(batch, { replay })).rejected).toEqual([]);
  }
  await writer.finish();
}

async function takeBack(session: StoreSession, undo: LoadUndo): Promise<void> {
  for await (const _progress of session.sink!.rollback(undo, seedCount));
  await session.sink!.discard(undo);
}
