import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runEtl, verifyEtl } from '../src/index.ts';
import { failure, folder, killAt, leaseEnds, loaded, specOf, type World, worldOf } from './pipeline-world.ts';

describe('rejected rows', () => {
  beforeEach(() => rm(join(folder, 'users.rejected.ndjson'), { force: true }));

  const withLongName = (world: World) => {
    world.from.tables.get('users')!.rows.get('i42')![1] = 'x'.repeat(2000);
  };
  const letters = async () =>
    (await readFile(join(folder, 'users.rejected.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { row: number; key: unknown; code: string; values: Record<string, unknown> });

  it('stop the run by default, with the row in the dead-letter file', async () => {
    const world = worldOf();
    withLongName(world);
    const error = await failure(runEtl(loaded(specOf()), world.dependencies()));
    expect(error).toMatchObject({ code: 'ROW_REJECTED', exit: 1 });
    expect(await letters()).toMatchObject([{ row: 41, key: 42, code: 'CONVERSION_FAILED', values: { id: 42 } }]);
    world.from.tables.get('users')!.rows.get('i42')![1] = 'short';
    await runEtl(loaded(specOf()), world.dependencies());
    await expect(letters()).rejects.toThrow('ENOENT');
    expect(world.to.tables.get('people')!.rows.size).toBe(300);
  });

  it.each([[1], ['1%']])('up to %s are kept aside while the rest is loaded', async (max_rejected) => {
    const world = worldOf();
    withLongName(world);
    const report = await runEtl(loaded(specOf({ max_rejected })), world.dependencies());
    expect(report).toMatchObject({ rows_rejected: 1, rows_written: 299, rejected_file: join(folder, 'users.rejected.ndjson') });
    expect(world.events.filter((event) => event.kind === 'rejected')).toHaveLength(1);
    const verified = await verifyEtl(loaded(specOf({ max_rejected })), world.dependencies());
    expect(verified).toMatchObject({ ok: true, rejected_rows: 1, expected_rows: 299 });
  });

  it('are in the file once after a kill', async () => {
    const spec = specOf({ max_rejected: 5 });
    for (const place of ['etl.after_write', 'etl.after_checkpoint', 'etl.before_finish'] as const) {
      await rm(join(folder, 'users.rejected.ndjson'), { force: true });
      const world = worldOf();
      withLongName(world);
      await runEtl(loaded(spec), world.dependencies(killAt(world, place, 3))).catch(() => undefined);
      leaseEnds(world);
      const report = await runEtl(loaded(spec), world.dependencies());
      expect(report).toMatchObject({ rows_rejected: 1, rows_read: 300 });
      expect(await letters()).toHaveLength(1);
    }
  });

  it('come from rules, too, with the field', async () => {
    const world = worldOf(50);
    const spec = specOf(
      { max_rejected: 10 },
      {
        transform: {
          transformation_rules: { id: 'id', n: { type: 'function', function: 'cast', args: ['first_name', { value: 'int32' }] } },
        },
      },
    );
    const error = await failure(runEtl(loaded(spec), world.dependencies()));
    expect(error).toMatchObject({ code: 'ROW_REJECTED' });
    expect(error.message).toContain('n: ');
  });

  it.each([3, 5, 8])(
    'with a key that came before are rejected also when the run was killed at write %i and resumed',
    async (times) => {
      const byHalf = { transformation_rules: { id: { type: 'expression', expression: 'id / 2' }, age: 'age' } };
      const spec = specOf(
        { max_rejected: 200, concurrency: 3 },
        { transform: byHalf, load: { key: ['id'], batch_size: 10 }, extract: { batch_size: 20 } },
      );
      const world = worldOf(200);
      await runEtl(loaded(spec), world.dependencies(killAt(world, 'etl.after_write', times))).catch(() => undefined);
      leaseEnds(world);
      const report = await runEtl(loaded(spec), world.dependencies());
      expect(report.rows_written + report.rows_already_there).toBe(101);
      expect(report.rows_rejected).toBe(99);
      expect(await letters()).toHaveLength(99);
    },
  );

  it('with a key that came before are rejected, never lost', async () => {
    const world = worldOf(100);
    const rulesByCity = { transformation_rules: { id: { type: 'expression', expression: 'id / 2' }, age: 'age' } };
    const spec = specOf({ max_rejected: 100 }, { transform: rulesByCity, load: { key: ['id'] } });
    const report = await runEtl(loaded(spec), world.dependencies());
    expect(report.rows_written + report.rows_rejected).toBe(100);
    expect(report.rows_written).toBe(51);
    expect(new Set((await letters()).map((letter) => letter.code))).toEqual(new Set(['DUPLICATE_KEY']));
    const verified = await verifyEtl(loaded(spec), world.dependencies());
    expect(verified).toMatchObject({ ok: true, rejected_rows: 49, expected_rows: 51, target_rows: 51 });
  });
});
