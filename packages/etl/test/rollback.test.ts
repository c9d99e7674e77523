import { describe, expect, it } from 'vitest';
import { rollbackEtl, runEtl } from '../src/index.ts';
import { failure, killAt, leaseEnds, loaded, specOf, worldOf } from './pipeline-world.ts';

describe('a rollback', () => {
  it('refuses while somebody else has written into the target', async () => {
    const world = worldOf(20);
    await runEtl(loaded(specOf()), world.dependencies());
    const table = world.to.tables.get('people')!;
    table.rows.set('i999', [999n, 'new', null, null, null]);
    expect((await failure(rollbackEtl(loaded(specOf()), world.dependencies()))).code).toBe('WRITTEN_SINCE');
    table.rows.delete('i999');
    await rollbackEtl(loaded(specOf()), world.dependencies());
    expect(world.to.tables.has('people')).toBe(false);
  });

  it('of a run that was killed refuses, too, while somebody else has written', async () => {
    const world = worldOf(300);
    await runEtl(loaded(specOf()), world.dependencies(killAt(world, 'etl.after_write', 5))).catch(() => undefined);
    leaseEnds(world);
    world.to.tables.get('people')!.rows.set('i999', [999n, 'new', null, null, null]);
    expect((await failure(rollbackEtl(loaded(specOf()), world.dependencies()))).code).toBe('WRITTEN_SINCE');
  });

  it('takes back loads of the same spec one by one', async () => {
    const world = worldOf(20);
    const spec = specOf({}, { load: { mode: 'upsert' } });
    await runEtl(loaded(spec), world.dependencies());
    const first = world.to.fingerprint('people');
    world.from.tables.get('users')!.rows.get('i2')![1] = 'Changed';
    await runEtl(loaded(spec), world.dependencies());
    expect(world.to.fingerprint('people')).not.toBe(first);
    expect((await rollbackEtl(loaded(spec), world.dependencies())).earlier_loads).toBe(1);
    expect(world.to.fingerprint('people')).toBe(first);
    expect((await rollbackEtl(loaded(spec), world.dependencies())).earlier_loads).toBe(0);
    expect(world.to.tables.has('people')).toBe(false);
    expect((await failure(rollbackEtl(loaded(spec), world.dependencies()))).code).toBe('NO_RUN');
  });
});
