import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Engine, localEngine, rollbackEtl, runEtl, type SpecInput, verifyEtl } from '../src/index.ts';
import type { EtlRun } from '../src/journal/records.ts';
import { failure, killAt, leaseEnds, loaded, specOf, type World, worldOf } from './pipeline-world.ts';

/** Reads are small, so that there are many places to cut at. */
const spec = (read = 5): SpecInput => specOf({}, { extract: { batch_size: read }, load: { batch_size: read } });

/** One chunk, and free places that cut it. */
const engineOf = (places: number): Engine => ({ ...localEngine(places), chunks: async () => 1 });

const runOf = (world: World): EtlRun => (world.to.journal.get('checkpoint etl/users/run') as { data: EtlRun }).data;

async function undisturbed(rows: number): Promise<string> {
  const plain = worldOf(rows);
  await runEtl(loaded(specOf()), plain.dependencies());
  return plain.to.fingerprint('people');
}

/** The bounds of the partitions, in the order of the key, without a gap and without an overlap. */
function covers(world: World): void {
  const bounds = runOf(world).partitions.map(({ part }) => part.bounds as { from: string | null; below: string | null });
  const sorted = bounds.toSorted((left, right) => ((left.from ?? '') < (right.from ?? '') ? -1 : 1));
  expect(sorted.at(0)!.from).toBeNull();
  expect(sorted.at(-1)!.below).toBeNull();
  for (const [index, { from }] of sorted.entries()) if (index > 0) expect(from).toBe(sorted[index - 1]!.below);
}

describe('what is left of a chunk', () => {
  it('is cut for places that are free, and every row is loaded once', async () => {
    const world = worldOf(600);
    const report = await runEtl(loaded(spec()), world.dependencies({ engine: engineOf(4) }));
    expect(report).toMatchObject({ outcome: 'done', rows_read: 600, rows_written: 600, rows_rejected: 0 });
    expect(world.to.fingerprint('people')).toBe(await undisturbed(600));
    const { partitions } = runOf(world);
    expect(partitions.length).toBeGreaterThanOrEqual(4);
    expect(partitions.map(({ id }) => id)).toEqual(partitions.map((_, index) => index));
    covers(world);
    expect(world.events.filter(({ kind }) => kind === 'partition_finished')).toHaveLength(partitions.length);
    expect(await verifyEtl(loaded(spec()), world.dependencies())).toMatchObject({ ok: true, expected_rows: 600 });
    await rollbackEtl(loaded(spec()), world.dependencies());
    expect(world.to.fingerprint('people')).toBe('absent');
  });

  it('is not cut where every place is taken, nor where too little is left', async () => {
    const alone = worldOf(300);
    await runEtl(loaded(spec()), alone.dependencies({ engine: engineOf(1) }));
    expect(runOf(alone).partitions).toHaveLength(1);
    const small = worldOf(40);
    await runEtl(loaded(spec(20)), small.dependencies({ engine: engineOf(4) }));
    expect(runOf(small).partitions).toHaveLength(1);
  });

  it('is left whole where its key is not unique', async () => {
    const world = worldOf(300);
    const byActive = specOf({}, { extract: { key: ['active'], batch_size: 5 }, load: { key: ['id'] } });
    const report = await runEtl(loaded(byActive), world.dependencies({ engine: engineOf(4) }));
    expect(report).toMatchObject({ rows_read: 300, rows_rejected: 0 });
    expect(runOf(world).partitions).toHaveLength(1);
  });

  it('gives every row once, whatever sizes, places and times there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 400 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 10 }),
        async (read, places, rows, pauses) => {
          const world = worldOf(rows);
          let turn = 0;
          const fault = async (): Promise<void> => {
            for (let left = pauses[turn++ % pauses.length]!; left > 0; left--)
              await new Promise((resolve) => setImmediate(resolve));
          };
          const report = await runEtl(loaded(spec(read)), world.dependencies({ engine: engineOf(places), fault }));
          expect(report).toMatchObject({ rows_read: rows, rows_written: rows, rows_rejected: 0 });
          expect(world.to.tables.get('people')!.rows.size).toBe(rows);
          covers(world);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('killed around a cut', () => {
  const places = [
    'etl.split_ready',
    'etl.split_recorded',
    'etl.after_read',
    'etl.before_write',
    'etl.after_write',
    'etl.before_checkpoint',
    'etl.after_checkpoint',
  ] as const;
  const cases = places.flatMap((place) => [1, 2, 3, 9, 25].map((times) => [place, times] as const));

  it.each(cases)('at %s (%i): resumed, every row is there once', async (place, times) => {
    const world = worldOf(600);
    await runEtl(loaded(spec()), world.dependencies({ engine: engineOf(4), ...killAt(world, place, times) })).catch(
      () => undefined,
    );
    leaseEnds(world);
    // Killed a second time: what is cut then has been written in part by the first attempt.
    await runEtl(loaded(spec()), world.dependencies({ engine: engineOf(3), ...killAt(world, 'etl.split_recorded', 2) })).catch(
      () => undefined,
    );
    leaseEnds(world);
    const report = await runEtl(loaded(spec()), world.dependencies({ engine: engineOf(4) }));
    expect(report).toMatchObject({ rows_read: 600, rows_rejected: 0 });
    expect(world.to.fingerprint('people')).toBe(await undisturbed(600));
    covers(world);
    expect(await verifyEtl(loaded(spec()), world.dependencies())).toMatchObject({ ok: true });
  });

  it.each(cases.filter(([, times]) => times !== 9))('at %s (%i): rolled back at once, it is as it was', async (place, times) => {
    const world = worldOf(600);
    await runEtl(loaded(spec()), world.dependencies({ engine: engineOf(4), ...killAt(world, place, times) })).catch(
      () => undefined,
    );
    leaseEnds(world);
    await rollbackEtl(loaded(spec()), world.dependencies());
    expect(world.to.fingerprint('people')).toBe('absent');
  });

  it.each([4, 6, 8, 9])('after %i writes that no checkpoint has passed: it is cut only behind them', async (times) => {
    const world = worldOf(60);
    await runEtl(loaded(spec()), world.dependencies({ engine: engineOf(1), ...killAt(world, 'etl.after_write', times) })).catch(
      () => undefined,
    );
    leaseEnds(world);
    const written = world.to.tables.get('people')!.rows.size;
    expect(written).toBeGreaterThan(15);
    const report = await runEtl(loaded(spec()), world.dependencies({ engine: engineOf(4) }));
    expect(report).toMatchObject({ rows_read: 60, rows_rejected: 0 });
    expect(report.rows_written + report.rows_already_there).toBe(60);
    expect(world.to.fingerprint('people')).toBe(await undisturbed(60));
  });

  it('by a lock that was lost: the cut is not recorded, and the next run goes on without it', async () => {
    const world = worldOf(600);
    const before = { partitions: 0 };
    const error = await failure(
      runEtl(
        loaded(spec()),
        world.dependencies({
          engine: engineOf(4),
          retries: 0,
          fault: (place) => {
            if (place !== 'etl.split_ready' || before.partitions > 0) return;
            before.partitions = runOf(world).partitions.length;
            const lock = world.to.locks.get('etl:users')!;
            world.to.locks.set('etl:users', { ...lock, held: false, token: lock.token + 1 });
          },
        }),
      ),
    );
    expect(error.code).toBe('LEASE_LOST');
    expect(runOf(world).partitions).toHaveLength(before.partitions);
    const report = await runEtl(loaded(spec()), world.dependencies());
    expect(report).toMatchObject({ resumed: true, rows_read: 600, rows_rejected: 0 });
    expect(world.to.fingerprint('people')).toBe(await undisturbed(600));
  });
});
