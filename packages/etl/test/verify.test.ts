import { describe, expect, it } from 'vitest';
import { planEtl, runEtl, verifyEtl } from '../src/index.ts';
import { failure, killAt, leaseEnds, loaded, specOf, worldOf } from './pipeline-world.ts';

describe('verify', () => {
  it('proves a load by counts and checksums', async () => {
    const world = worldOf();
    await runEtl(loaded(specOf()), world.dependencies());
    const report = await verifyEtl(loaded(specOf()), world.dependencies());
    expect(report).toMatchObject({ ok: true, source_rows: 300, expected_rows: 300, target_rows: 300 });
    expect(report.checksums.source).toBe(report.checksums.target);
  });

  it('finds a row that is missing, altered, or too many, by key and field', async () => {
    const world = worldOf();
    await runEtl(loaded(specOf()), world.dependencies());
    const table = world.to.tables.get('people')!;
    table.rows.delete('i17');
    table.rows.get('i18')![1] = 'Somebody';
    table.rows.set('i5000', [5000n, null, null, null, null]);
    const report = await verifyEtl(loaded(specOf()), world.dependencies());
    expect(report.ok).toBe(false);
    expect(report.missing).toEqual({ count: 1, examples: [17] });
    expect(report.different).toEqual({
      count: 1,
      examples: [{ key: 18, fields: [{ field: 'full_name', expected: 'First17 Last17', actual: 'Somebody' }] }],
    });
    expect(report.extra.count).toBe(1);
    expect(report.checksums.source).not.toBe(report.checksums.target);
    expect(report.checks.map((check) => [check.check, check.status])).toEqual([
      ['row_count', 'FAILED'],
      ['checksum', 'FAILED'],
      ['extra_rows', 'FAILED'],
    ]);
  });

  it('finds that the whole target is gone, and does not create it', async () => {
    const world = worldOf(30);
    await runEtl(loaded(specOf()), world.dependencies());
    world.to.tables.delete('people');
    const report = await verifyEtl(loaded(specOf()), world.dependencies());
    expect(report).toMatchObject({ ok: false, missing: { count: 30 }, target_rows: 0 });
    expect(world.to.tables.has('people')).toBe(false);
  });

  it('refuses without a run, in the middle of one, and after a change of the spec', async () => {
    const world = worldOf();
    expect((await failure(verifyEtl(loaded(specOf()), world.dependencies()))).code).toBe('NO_RUN');
    await runEtl(loaded(specOf()), world.dependencies(killAt(world, 'etl.after_write', 2))).catch(() => undefined);
    expect((await failure(verifyEtl(loaded(specOf()), world.dependencies()))).code).toBe('UNFINISHED_RUN');
    expect((await planEtl(loaded(specOf()), world.dependencies())).next).toBe('resume');
    leaseEnds(world);
    await runEtl(loaded(specOf()), world.dependencies());
    const changed = specOf({}, { transform: { transformation_rules: { id: 'id' } } });
    expect((await failure(verifyEtl(loaded(changed), world.dependencies()))).code).toBe('SPEC_CHANGED');
  });
});
