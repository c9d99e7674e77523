import { isPolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { faultPlaces, rollbackEtl, runEtl, type SpecInput, verifyEtl } from '../src/index.ts';
import { MemoryDatabase } from './memory-store/database.ts';
import { usersDatabase } from './memory-store/users.ts';
import { failure, killAt, leaseEnds, loaded, specOf, worldOf } from './pipeline-world.ts';

// Those about indexes: load-indexes.test.ts; those about cuts: split.test.ts.
const runPlaces = faultPlaces.filter((place) => !/^etl\.(?:rollback|letters|index|indexes|split)_/.test(place));
const rollbackPlaces = faultPlaces.filter((place) => place.startsWith('etl.rollback'));

describe.each(['absent', 'empty', 'filled'] as const)('killed, on a target that was %s', (before) => {
  const fill = (): MemoryDatabase => {
    const to = new MemoryDatabase();
    if (before === 'absent') return to;
    const columns = [...usersDatabase(0).tables.get('users')!.columns];
    const rows = Array.from({ length: before === 'filled' ? 50 : 0 }, (_, index) => [
      BigInt(index + 200),
      'old',
      null,
      index,
      '1.00',
      true,
      null,
      '{}',
    ]);
    to.create('people', columns, ['id'], rows);
    return to;
  };
  const spec = (): SpecInput => {
    const made = specOf({ partitions: 2, concurrency: 3 }, { load: { mode: before === 'filled' ? 'upsert' : 'insert' } });
    made.steps = made.steps.filter((step) => step.type !== 'transform');
    made.checks = { after: [{ check: 'same_rows' }] };
    return made;
  };

  it.each(runPlaces.flatMap((place) => [1, 2, 9].map((times) => [place, times] as const)))(
    'at %s (%i): resumed, it is what an undisturbed run gives, and rolled back it is what it was',
    async (place, times) => {
      const undisturbed = worldOf(300, fill());
      const plainReport = await runEtl(loaded(spec()), undisturbed.dependencies());
      const world = worldOf(300, fill());
      const start = world.to.fingerprint('people');
      const kill = killAt(world, place, times);
      await runEtl(loaded(spec()), world.dependencies(kill)).catch(() => undefined);
      leaseEnds(world);
      const report = await runEtl(loaded(spec()), world.dependencies());
      // Killed after everything was done, an upsert begins a second load; an insert has nothing to do.
      expect(report.rows_read).toBe(300);
      expect(report.rows_rejected).toBe(0);
      expect(world.to.fingerprint('people')).toBe(undisturbed.to.fingerprint('people'));
      expect(report.losses).toEqual(plainReport.losses);
      const verified = await verifyEtl(loaded(spec()), world.dependencies());
      expect(verified.checks.filter((check) => check.status === 'FAILED')).toEqual([]);
      while ((await rollbackEtl(loaded(spec()), world.dependencies())).earlier_loads > 0);
      expect(world.to.fingerprint('people')).toBe(start);
      expect(world.to.asides.size).toBe(0);
    },
  );

  it.each(runPlaces.flatMap((place) => [1, 7].map((times) => [place, times] as const)))(
    'at %s (%i): rolled back at once, it is what it was',
    async (place, times) => {
      const world = worldOf(300, fill());
      const start = world.to.fingerprint('people');
      const kill = killAt(world, place, times);
      await runEtl(loaded(spec()), world.dependencies(kill)).catch(() => undefined);
      leaseEnds(world);
      const recorded = world.to.journal.size > 0;
      if (recorded) await rollbackEtl(loaded(spec()), world.dependencies());
      else expect((await failure(rollbackEtl(loaded(spec()), world.dependencies()))).code).toBe('NO_RUN');
      expect(world.to.fingerprint('people')).toBe(start);
    },
  );

  it.each(rollbackPlaces)('at %s: rolled back again, it is what it was', async (place) => {
    const world = worldOf(300, fill());
    const start = world.to.fingerprint('people');
    await runEtl(loaded(spec()), world.dependencies());
    const kill = killAt(world, place, 1);
    await rollbackEtl(loaded(spec()), world.dependencies(kill)).catch(() => undefined);
    expect(kill.killed()).toBe(true);
    leaseEnds(world);
    await rollbackEtl(loaded(spec()), world.dependencies()).catch((error: unknown) => {
      // The last place is after the end: then there is nothing left to take back.
      if (!isPolyshiftError(error, 'NO_RUN') || place !== 'etl.rollback_done') throw error;
    });
    expect(world.to.fingerprint('people')).toBe(start);
    expect(await runEtl(loaded(spec()), world.dependencies())).toMatchObject({ outcome: 'done', resumed: false });
  });
});

describe('killed while it reads by a key that is not unique', () => {
  const spec = () => specOf({ max_rejected: 0 }, { extract: { key: ['active'], batch_size: 30 }, load: { key: ['id'] } });

  it.each(runPlaces.flatMap((place) => [1, 5, 12].map((times) => [place, times] as const)))(
    'at %s (%i): resumed, no row is lost',
    async (place, times) => {
      const world = worldOf(300);
      await runEtl(loaded(spec()), world.dependencies(killAt(world, place, times))).catch(() => undefined);
      leaseEnds(world);
      const report = await runEtl(loaded(spec()), world.dependencies());
      expect(report).toMatchObject({ rows_read: 300, rows_rejected: 0 });
      expect(world.to.tables.get('people')!.rows.size).toBe(300);
      await rollbackEtl(loaded(spec()), world.dependencies());
      expect(world.to.tables.has('people')).toBe(false);
    },
  );

  it.each([2, 5, 12])('at write %i: rolled back at once, it is as it was', async (times) => {
    const world = worldOf(300);
    await runEtl(loaded(spec()), world.dependencies(killAt(world, 'etl.after_write', times))).catch(() => undefined);
    leaseEnds(world);
    await rollbackEtl(loaded(spec()), world.dependencies());
    expect(world.to.tables.has('people')).toBe(false);
  });
});
