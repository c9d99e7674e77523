import type { Adapter, RowBatch, Sink, SinkTarget, StoreSession } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { proveLoadCuts } from './load-cuts.ts';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { seedBatch, seedColumns, seedCount } from './seed.ts';
import { SharedStage } from './shared-stage.ts';
import { valuesOf } from './source-properties.ts';
import { Stage } from './stage.ts';
import { storeState } from './store-state.ts';

/** What a sink is told of the writes of a load, with what the names of tests say of it. */
const keyings: [string, Partial<SinkTarget>][] = [
  ['', {}],
  [', keys unique', { unique_keys: true }],
  [', one writer', { sole_writer: true }],
];

/** A load is idempotent by key, loses no row in silence, and goes back exactly. */
export function sinkProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const key = options.key ?? 'id';
  // Tests share a database, and each has a target of its own in it.
  const target = (nth: number, change: Partial<SinkTarget> = {}): SinkTarget => ({
    collection: `loaded_${nth}`,
    columns: seedColumns(key),
    dynamic: false,
    key: [key],
    mode: 'insert',
    on_loss: 'nearest',
    aside: `load_1_${nth}`,
    ...change,
  });

  describe('sink', () => {
    const shared = SharedStage.ofGroup(() => Stage.empty(adapter, server));

    it('creates the target, and rollback leaves nothing of it', () =>
      shared.use(async (stage, nth) => {
        const before = await storeState(stage.session);
        const undo = await load(stage.session, target(nth), [[seedBatch(key, 0, 20), false]]);
        expect(undo.before).toBe('absent');
        expect(await stage.session.count(`loaded_${nth}`)).toBe(20);
        await rollBack(sinkOf(stage.session), undo, 20);
        expect(await storeState(stage.session)).toEqual(before);
      }));

    it.each(keyings)('takes a chunk again, whole or in part, without doubling a row%s', (_title, told) =>
      shared.use(async (stage, nth) => {
        const once = await load(stage.session, target(nth, told), [[seedBatch(key, 0, 40), false]]);
        const state = await storeState(stage.session);
        await rollBack(sinkOf(stage.session), once, 40);
        await load(stage.session, target(nth, told), [
          [seedBatch(key, 0, 25), false],
          [seedBatch(key, 10, 40), true],
          [seedBatch(key, 0, 40), true],
        ]);
        expect(await storeState(stage.session)).toEqual(state);
      }),
    );

    it('holds the same whatever it is told of the keys', () =>
      shared.use(async (stage, nth) => {
        const states: unknown[] = [];
        for (const [, told] of keyings) {
          const undo = await load(stage.session, target(nth, told), [[seedBatch(key), false]]);
          states.push(await storeState(stage.session));
          await rollBack(sinkOf(stage.session), undo, seedCount);
        }
        for (const state of states) expect(state).toEqual(states[0]);
      }));

    it.each([keyings[0]!, keyings[2]!])(
      'inserts one of the rows with the same key that are written at the same time%s',
      (_title, told) =>
        shared.use(async (stage, nth) => {
          const sink = sinkOf(stage.session);
          const { undo } = await sink.plan(target(nth, told));
          await using writer = await sink.open(target(nth, told), undo);
          const batches = Array.from({ length: 4 }, (_, writing): RowBatch => {
            const batch = seedBatch(key, writing, writing + 10);
            const rows = batch.rows.map(([id, , ...rest]) => [id, `of ${writing}`, ...rest]);
            // Two that take the same keys in opposite orders stand in each other's way for ever, unless one of them begins again.
            return { ...batch, rows: writing % 2 === 0 ? rows : rows.reverse() };
          });
          const results = await Promise.all(batches.map((batch) => writer.write(writer.encode(batch).batch, { replay: false })));
          expect(results.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(13);
          expect(results.flatMap(({ rejected }) => rejected.map(({ code }) => code))).toEqual(
            Array.from({ length: 27 }, () => 'DUPLICATE_KEY'),
          );
          await writer.finish();
          expect(await stage.session.count(`loaded_${nth}`)).toBe(13);
        }),
    );

    it.each(keyings)('rejects rows whose keys an earlier write has brought%s', (_title, told) =>
      shared.use(async (stage, nth) => {
        const wanted = target(nth, told);
        const sink = sinkOf(stage.session);
        const { undo } = await sink.plan(wanted);
        await using writer = await sink.open(wanted, undo);
        await writer.write(writer.encode(seedBatch(key, 0, 10)).batch, { replay: false });
        const kept = await writer.lookup(writer.encode(seedBatch(key, 0, 10)).batch);
        const more = seedBatch(key, 5, 15);
        const changed: RowBatch = { ...more, rows: more.rows.map(([id, , ...rest]) => [id, 'another', ...rest]) };
        const result = await writer.write(writer.encode(changed).batch, { replay: false });
        expect([result.inserted, result.rejected.map(({ index, code }) => [index, code])]).toEqual([
          5,
          Array.from({ length: 5 }, (_, index) => [index, 'DUPLICATE_KEY']),
        ]);
        await writer.finish();
        const found = await writer.lookup(writer.encode(seedBatch(key, 0, 10)).batch);
        expect(valuesOf(found, 'name').sort()).toEqual(valuesOf(kept, 'name').sort());
      }),
    );

    it.each(keyings)(
      'rejects a second row with the same key instead of losing one, and writes its neighbours%s',
      (_title, told) =>
        shared.use(async (stage, nth) => {
          const batch = seedBatch(key, 0, 6);
          const doubled: RowBatch = {
            ...batch,
            rows: [...batch.rows, batch.rows[2]!, [batch.rows[3]![0], 'another', null, null, null, null]],
          };
          const sink = sinkOf(stage.session);
          const { undo } = await sink.plan(target(nth, told));
          await using writer = await sink.open(target(nth, told), undo);
          const result = await writer.write(writer.encode(doubled).batch, { replay: false });
          expect([result.inserted, result.rejected.length]).toEqual([6, 2]);
          for (const row of result.rejected) expect(row.code).toBe('DUPLICATE_KEY');
          await writer.finish();
          expect(await stage.session.count(`loaded_${nth}`)).toBe(6);
        }),
    );

    it.each(['insert', 'upsert', 'ignore'] as const)('keeps what a filled target had: mode %s, and back', (mode) =>
      shared.use(async (stage, nth) => {
        await load(stage.session, target(nth, { aside: `load_0_${nth}` }), [[seedBatch(key, 0, 10), false]]);
        const before = await storeState(stage.session);
        const changed = seedBatch(key, 5, 15);
        const batch: RowBatch = { ...changed, rows: changed.rows.map(([id, , ...rest]) => [id, 'changed', ...rest]) };
        const sink = sinkOf(stage.session);
        const { undo } = await sink.plan(target(nth, { mode }));
        expect(undo.before).toBe('filled');
        const writer = await sink.open(target(nth, { mode }), undo);
        const result = await writer.write(writer.encode(batch).batch, { replay: false });
        await writer.finish();
        await writer[Symbol.asyncDispose]();
        const expected = { insert: [5, 0, 0, 5], upsert: [5, 5, 0, 0], ignore: [5, 0, 5, 0] }[mode];
        expect([result.inserted, result.replaced, result.already_there, result.rejected.length]).toEqual(expected);
        expect(await stage.session.count(`loaded_${nth}`)).toBe(15);
        await rollBack(sink, undo, result.inserted + result.replaced);
        expect(await storeState(stage.session)).toEqual(before);
      }),
    );

    it('takes rows that are there already, just as they are, in the mode upsert, and goes back', () =>
      shared.use(async (stage, nth) => {
        await load(stage.session, target(nth, { aside: `load_0_${nth}` }), [[seedBatch(key, 0, 10), false]]);
        const before = await storeState(stage.session);
        const sink = sinkOf(stage.session);
        const { undo } = await sink.plan(target(nth, { mode: 'upsert' }));
        const writer = await sink.open(target(nth, { mode: 'upsert' }), undo);
        const result = await writer.write(writer.encode(seedBatch(key, 5, 15)).batch, { replay: false });
        await writer.finish();
        await writer[Symbol.asyncDispose]();
        expect([result.inserted, result.replaced, result.already_there, result.rejected]).toEqual([5, 5, 0, []]);
        // A rollback is another process than the load.
        await using session = await stage.connectAgain();
        await rollBack(sinkOf(session), undo, result.inserted + result.replaced);
        expect(await storeState(stage.session)).toEqual(before);
      }));

    it.each(keyings)(
      'comes to the same end, and goes back, when its connection is cut at any write and its chunks are taken again%s',
      (_title, told) => shared.use((stage, nth) => proveLoadCuts(stage, options, target(nth, told))),
    );

    it('gives a target that was empty back empty', () =>
      shared.use(async (stage, nth) => {
        const first = await load(stage.session, target(nth, { aside: `load_0_${nth}` }), []);
        expect(first.before).toBe('absent');
        const before = await storeState(stage.session);
        if (before[`loaded_${nth}`] === undefined)
          return expect(adapter.capabilities.fixed_columns, 'only a store without tables can have no empty one').toBe(false);
        const undo = await load(stage.session, target(nth), [[seedBatch(key, 0, 10), false]]);
        expect(undo.before).toBe('empty');
        await rollBack(sinkOf(stage.session), undo, 10);
        expect(await storeState(stage.session)).toEqual(before);
      }));

    it('refuses to roll back over rows that somebody else has written since, and then changes nothing', () =>
      shared.use(async (stage, nth) => {
        const undo = await load(stage.session, target(nth), [[seedBatch(key, 0, 10), false]]);
        await load(stage.session, target(nth, { aside: `other_${nth}` }), [[seedBatch(key, 10, 12), false]]);
        const before = await storeState(stage.session);
        await expect(rollBack(sinkOf(stage.session), undo, 10, false)).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
        expect(await storeState(stage.session)).toEqual(before);
      }));

    it('finds rows again by the keys of a batch', () =>
      shared.use(async (stage, nth) => {
        const sink = sinkOf(stage.session);
        const { undo } = await sink.plan(target(nth));
        await using writer = await sink.open(target(nth), undo);
        await writer.write(writer.encode(seedBatch(key, 0, 10)).batch, { replay: false });
        const found = await writer.lookup(writer.encode(seedBatch(key, 5, 15)).batch);
        expect(valuesOf(found, key).map(String).sort()).toEqual(
          seedBatch(key, 5, 10)
            .rows.map(([id]) => String(id))
            .sort(),
        );
      }));
  });
}

function sinkOf(session: StoreSession): Sink {
  if (!session.sink) throw new Error('the adapter has no sink');
  return session.sink;
}

async function load(session: StoreSession, target: SinkTarget, batches: [RowBatch, boolean][]) {
  const sink = sinkOf(session);
  const { undo } = await sink.plan(target);
  const kept = JSON.parse(JSON.stringify(undo)) as typeof undo;
  await using writer = await sink.open(target, kept);
  for (const [batch, replay] of batches) {
    const result = await writer.write(writer.encode(batch).batch, { replay });
    expect(result.rejected).toEqual([]);
  }
  await writer.finish();
  return kept;
}

async function rollBack(sink: Sink, undo: Parameters<Sink['rollback']>[0], loaded: number, twice = true): Promise<void> {
  for await (const _progress of sink.rollback(undo, loaded));
  if (twice) for await (const _progress of sink.rollback(undo, loaded));
  await sink.discard(undo);
}
