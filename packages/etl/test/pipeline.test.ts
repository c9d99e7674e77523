import { PolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { runEtl } from '../src/index.ts';
import { keyOf } from './memory-store/database.ts';
import { failure, killAt, leaseEnds, loaded, rules, specOf, worldOf } from './pipeline-world.ts';

describe('a run', () => {
  it('loads what the rules make of each row', async () => {
    const world = worldOf();
    const report = await runEtl(loaded(specOf()), world.dependencies());
    expect(report).toMatchObject({ outcome: 'done', rows_read: 300, rows_transformed: 300, rows_written: 300, rows_rejected: 0 });
    const table = world.to.tables.get('people')!;
    expect(table.columns.map((column) => [column.name, column.type.kind])).toEqual([
      ['id', 'int64'],
      ['full_name', 'text'],
      ['age_next', 'int64'],
      ['created_at', 'timestamptz'],
      ['city', 'text'],
    ]);
    const row = (id: bigint) => table.rows.get(keyOf(table, [id]));
    expect(row(1n)).toEqual([1n, null, null, '2024-01-01T00:00:00.123Z', 'City0']);
    expect(row(2n)).toEqual([2n, 'First1 Last1', 2n, '2024-01-01T00:00:01.5Z', 'City1']);
    expect(row(8n)).toEqual([8n, 'Last7', 8n, '2024-01-01T00:00:07.5Z', 'City7']);
    expect(row(12n)?.[1]).toBe('First11');
  });

  it('counts what the target cannot hold exactly, by field', async () => {
    const world = worldOf(300);
    const report = await runEtl(loaded(specOf()), world.dependencies());
    expect(report.losses).toEqual([
      {
        field: 'created_at',
        loss: 'microseconds_to_milliseconds',
        count: 150,
        example: { from: '2024-01-01T00:00:00.123456Z', to: '2024-01-01T00:00:00.123Z' },
      },
    ]);
    expect(world.events.filter((event) => event.kind === 'loss')).toHaveLength(1);
  });

  it('refuses losses where the spec says so, before the row is written', async () => {
    const world = worldOf(300);
    const error = await failure(runEtl(loaded(specOf({ on_loss: 'error' })), world.dependencies()));
    expect(error).toMatchObject({ code: 'LOSS_REFUSED', exit: 1 });
  });

  it.each([
    [1, 1, 1, 1],
    [7, 25, 1, 1],
    [40, 40, 2, 2],
    [100, 7, 3, 4],
    [1000, 1000, 5, 8],
  ])(
    'gives the same with batches of %i and %i, %i partitions and %i writes at once',
    async (read, write, partitions, concurrency) => {
      const plain = worldOf();
      await runEtl(loaded(specOf()), plain.dependencies());
      const world = worldOf();
      const spec = specOf({ partitions, concurrency }, { extract: { batch_size: read }, load: { batch_size: write } });
      const report = await runEtl(loaded(spec), world.dependencies());
      expect(world.to.fingerprint('people')).toBe(plain.to.fingerprint('people'));
      expect(report.rows_written).toBe(300);
      expect(world.events.filter((event) => event.kind === 'partition_finished')).toHaveLength(partitions);
    },
  );

  it('never holds more than the batches that are under way', async () => {
    const world = worldOf(2000);
    let read = 0;
    let most = 0;
    const dependencies = world.dependencies({
      fault: (place) => {
        if (place === 'etl.after_read') read += 20;
        if (place === 'etl.after_write') most = Math.max(most, read - world.to.writes * 20);
      },
    });
    await runEtl(loaded(specOf({ concurrency: 3 }, { extract: { batch_size: 20 }, load: { batch_size: 20 } })), dependencies);
    expect(world.to.tables.get('people')!.rows.size).toBe(2000);
    expect(most).toBeLessThanOrEqual(20 * 5);
  });

  it('reads only the rows of its conditions and copies all fields without rules', async () => {
    const world = worldOf();
    const spec = specOf({}, { extract: { conditions: { active: true } } });
    spec.steps = spec.steps.filter((step) => step.type !== 'transform');
    const report = await runEtl(loaded(spec), world.dependencies());
    expect(report.rows_read).toBe(200);
    expect(world.to.tables.get('people')!.columns).toHaveLength(8);
  });

  it('keeps the rest of the fields where asked, without those that are renamed or dropped', async () => {
    const world = worldOf(10);
    const spec = specOf(
      {},
      { transform: { transformation_rules: { id: 'id', years: 'age' }, include_rest: true, drop: ['profile'] } },
    );
    await runEtl(loaded(spec), world.dependencies());
    expect(world.to.tables.get('people')!.columns.map((column) => column.name)).toEqual([
      'id',
      'years',
      'first_name',
      'last_name',
      'balance',
      'active',
      'created_at',
    ]);
  });

  it('says that it is done when it is run again, and changes nothing', async () => {
    const world = worldOf();
    await runEtl(loaded(specOf()), world.dependencies());
    const before = world.to.fingerprint('people');
    const again = await runEtl(loaded(specOf()), world.dependencies());
    expect(again).toMatchObject({ outcome: 'already_done', rows_read: 300 });
    expect(again.notes[0]).toContain('etl rollback');
    expect(world.to.fingerprint('people')).toBe(before);
  });

  it('refuses a spec that has changed, but not one that has other batch sizes', async () => {
    const world = worldOf();
    await failure(
      runEtl(loaded(specOf()), world.dependencies(killAt(world, 'etl.after_write', 5))).catch((error: Error) => {
        throw new PolyshiftError('INTERNAL', error.message);
      }),
    );
    leaseEnds(world);
    const changed = specOf({}, { transform: { transformation_rules: { ...rules, more: 'age' } } });
    expect((await failure(runEtl(loaded(changed), world.dependencies()))).code).toBe('SPEC_CHANGED');
    const resumed = await runEtl(loaded(specOf({}, { load: { batch_size: 9 } })), world.dependencies());
    expect(resumed).toMatchObject({ resumed: true, outcome: 'done', rows_read: 300 });
  });

  it('is locked out by another one', async () => {
    const world = worldOf();
    let second: PolyshiftError | undefined;
    await runEtl(
      loaded(specOf()),
      world.dependencies({
        fault: async (place) => {
          if (place === 'etl.after_record') second = await failure(runEtl(loaded(specOf()), world.dependencies()));
        },
      }),
    );
    expect(second).toMatchObject({ code: 'LOCKED', exit: 4 });
  });

  it('stops at the writes in flight when asked, and goes on afterwards', async () => {
    const plain = worldOf();
    await runEtl(loaded(specOf()), plain.dependencies());
    const world = worldOf();
    const stop = new AbortController();
    let writes = 0;
    const error = await failure(
      runEtl(
        loaded(specOf()),
        world.dependencies({
          signal: stop.signal,
          fault: (place) => void (place === 'etl.after_write' && ++writes === 4 && stop.abort()),
        }),
      ),
    );
    expect(error).toMatchObject({ code: 'STOPPED', exit: 5 });
    expect(world.to.locks.get('etl:users')?.held).toBe(false);
    const report = await runEtl(loaded(specOf()), world.dependencies());
    expect(report).toMatchObject({ resumed: true, rows_read: 300 });
    expect(world.to.fingerprint('people')).toBe(plain.to.fingerprint('people'));
  });

  it('tries again when the store is busy, and reconnects when it was away', async () => {
    const world = worldOf();
    let calls = 0;
    world.to.beforeWrite = () => {
      calls++;
      if (calls === 3) throw new PolyshiftError('STORE_BUSY', 'deadlock', { retryable: true });
      if (calls === 6) {
        world.adapter.killAll();
        throw new PolyshiftError('CONNECTION_LOST', 'gone');
      }
    };
    const report = await runEtl(loaded(specOf()), world.dependencies({ retries: 3, lease_ttl_ms: 200 }));
    expect(report).toMatchObject({ outcome: 'done', rows_read: 300, rows_rejected: 0 });
    const retries = world.events.flatMap((event) => (event.kind === 'retry' ? [event.reconnect] : []));
    expect(retries).toContain(true);
    expect(retries).toContain(false);
    expect(world.to.tables.get('people')!.rows.size).toBe(300);
  });

  it('ends resumable when the store stays away', async () => {
    const world = worldOf();
    world.to.beforeWrite = () => {
      world.to.down = true;
    };
    const error = await failure(runEtl(loaded(specOf()), world.dependencies({ retries: 2, lease_ttl_ms: 200 })));
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', exit: 5 });
    world.to.down = false;
    world.to.beforeWrite = undefined;
    leaseEnds(world);
    const report = await runEtl(loaded(specOf()), world.dependencies());
    expect(report).toMatchObject({ resumed: true, rows_read: 300 });
    expect(world.to.tables.get('people')!.rows.size).toBe(300);
  });

  it('cannot connect at all: exit 3, and nothing is retried', async () => {
    const world = worldOf();
    world.to.down = true;
    expect(await failure(runEtl(loaded(specOf()), world.dependencies()))).toMatchObject({ code: 'CONNECTION_FAILED', exit: 3 });
    expect(world.events).toEqual([]);
  });
});

it('keeps no secret in the journal', async () => {
  const world = worldOf(5);
  const spec = specOf({
    source: { type: 'memory', url: 'memory:from' },
    target: { type: 'memory', url: 'memory:to', options: { password: 'hidden' } },
  });
  await runEtl(loaded(spec), world.dependencies());
  expect(JSON.stringify([...world.to.journal])).not.toContain('hidden');
});
