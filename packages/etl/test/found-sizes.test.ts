import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { rollbackEtl, runEtl } from '../src/index.ts';
import { killAt, leaseEnds, loaded, specOf, type World, worldOf } from './pipeline-world.ts';

/** Without a size of writes: feedback finds it. Rows are read by 400, so that writes of the first size hold several reads and are cut within them. */
const spec = (change = {}) => specOf(change, { extract: { batch_size: 400 }, load: { batch_size: undefined } });

/** A store that takes no more than so many rows in one write. */
function takesAtMost(world: World, most: number): number[] {
  const refused: number[] = [];
  world.to.beforeWrite = (rows) => {
    if (rows <= most) return;
    refused.push(rows);
    throw new PolyshiftError('BATCH_TOO_LARGE', `${rows} rows are too many`);
  };
  return refused;
}

describe('a load whose writes find their size', () => {
  it('writes every row once, and tells the size', async () => {
    const plain = worldOf(6000);
    await runEtl(loaded(specOf()), plain.dependencies());
    const world = worldOf(6000);
    const report = await runEtl(loaded(spec()), world.dependencies());
    expect(report).toMatchObject({ rows_read: 6000, rows_written: 6000, rows_rejected: 0 });
    expect(world.to.fingerprint('people')).toBe(plain.to.fingerprint('people'));
    const told = world.events.flatMap((event) => (event.kind === 'progress' && event.step === 'load' ? [event.batch_size] : []));
    expect(told.at(-1)).toBe(report.targets[0]!.batch_size);
    expect(report.targets[0]!.batch_size).toBeGreaterThanOrEqual(100);
    expect(world.events.some((event) => event.kind === 'progress' && event.step !== 'load' && 'batch_size' in event)).toBe(false);
  });

  it.each([
    ['found', spec()],
    ['given', specOf({ concurrency: 3 }, { load: { batch_size: 25 } })],
  ])(
    'halves writes that the store refuses for their size, where it is %s, and writes no larger ones afterwards',
    async (_, each) => {
      const plain = worldOf(900);
      await runEtl(loaded(specOf()), plain.dependencies());
      const world = worldOf(900);
      const refused = takesAtMost(world, 7);
      const report = await runEtl(loaded(each), world.dependencies());
      expect(report).toMatchObject({ rows_read: 900, rows_written: 900, rows_rejected: 0 });
      expect(world.to.fingerprint('people')).toBe(plain.to.fingerprint('people'));
      expect(refused.length).toBeGreaterThan(0);
      expect(report.targets[0]!.batch_size).toBeLessThanOrEqual(7);
    },
  );

  it('rejects a single row that the store refuses for its size, and loads the others', async () => {
    const world = worldOf(50);
    world.to.beforeWrite = (rows, has) => {
      if (has(13n)) throw new PolyshiftError('BATCH_TOO_LARGE', `${rows} rows are too large`);
    };
    const report = await runEtl(loaded(spec({ max_rejected: 1 })), world.dependencies());
    expect(report).toMatchObject({ rows_read: 50, rows_written: 49, rows_rejected: 1 });
    expect(world.events.flatMap((event) => (event.kind === 'rejected' ? [event.row] : []))).toMatchObject([
      { key: 13, code: 'BATCH_TOO_LARGE' },
    ]);
  });

  it.each([
    ['etl.after_read', 3],
    ['etl.before_write', 2],
    ['etl.after_write', 1],
    ['etl.after_write', 4],
    ['etl.before_checkpoint', 2],
    ['etl.after_checkpoint', 2],
  ] as const)('killed at %s (%i), and resumed with other sizes, it is what an undisturbed run gives', async (place, times) => {
    const plain = worldOf(3000);
    await runEtl(loaded(specOf()), plain.dependencies());
    const world = worldOf(3000);
    takesAtMost(world, 130);
    const kill = killAt(world, place, times);
    await runEtl(loaded(spec({ partitions: 2 })), world.dependencies(kill)).catch(() => undefined);
    expect(kill.killed()).toBe(true);
    leaseEnds(world);
    takesAtMost(world, 300);
    const report = await runEtl(loaded(spec({ partitions: 2 })), world.dependencies());
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_read: 3000, rows_rejected: 0 });
    expect(world.to.fingerprint('people')).toBe(plain.to.fingerprint('people'));
  });

  it('killed between the halves of a write and rolled back at once, it is as it was', async () => {
    const world = worldOf(1000);
    takesAtMost(world, 60);
    let writes = 0;
    const refuse = world.to.beforeWrite!;
    world.to.beforeWrite = async (rows, has) => {
      await refuse(rows, has);
      if (++writes !== 5) return;
      world.adapter.killAll();
      throw new Error('killed between two halves');
    };
    await runEtl(loaded(spec()), world.dependencies({ retries: 0 })).catch(() => undefined);
    expect(writes).toBeGreaterThanOrEqual(5);
    expect(world.to.tables.get('people')!.rows.size).toBeGreaterThan(0);
    leaseEnds(world);
    world.to.beforeWrite = undefined;
    await rollbackEtl(loaded(spec()), world.dependencies());
    expect(world.to.tables.has('people')).toBe(false);
    const again = await runEtl(loaded(spec()), world.dependencies()).catch((error: unknown) => error);
    expect(isPolyshiftError(again)).toBe(false);
  });
});
