import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type EngineLoad, localEngine, rollbackEtl, runEtl, verifyEtl } from '../../src/index.ts';
import { failure, folder, loaded, specOf, type World, worldOf } from '../pipeline-world.ts';
import { fleetEngine, leaseMs, memoryWorker } from './fleet.ts';

const spec = specOf({ concurrency: 2 });

async function undisturbed(): Promise<string> {
  const plain = worldOf();
  await runEtl(loaded(spec), plain.dependencies());
  return plain.to.fingerprint('people');
}

const written = (world: World) =>
  world.events.flatMap((event) => (event.kind === 'progress' && event.step === 'load' ? [event.rows_done] : [])).at(-1);

describe('the local engine', () => {
  const loadOf = (count: number, work: EngineLoad['work'], signal = new AbortController().signal): EngineLoad => ({
    chunks: Array.from({ length: count }, (_, id) => ({ id }) as EngineLoad['chunks'][number]),
    signal,
    work,
    reference: { spec_name: 'users', spec_checksum: '', run_id: '', token: 1, rows_total: null },
    open: async () => new Set(),
    tell: () => undefined,
    retried: () => undefined,
    split: async () => undefined,
    told: () => undefined,
    shared: () => [],
  });

  it('runs every chunk once, in order, and no more at a time than it may', async () => {
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    await localEngine(3).run(
      loadOf(10, async ({ id }) => {
        begun.push(id);
        most = Math.max(most, ++running);
        await sleep(1);
        running--;
      }),
    );
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toBe(3);
  });

  it('begins none after one has failed, has the others end, and throws the first error', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work: EngineLoad['work'] = async ({ id }, signal) => {
      begun.push(id);
      if (id === 1) throw new Error('the first');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.push(id);
      throw new Error('because of the first');
    };
    await expect(localEngine(2).run(loadOf(9, work))).rejects.toThrow('the first');
    expect([begun, ended]).toEqual([[0, 1], [0]]);
  });

  it('cuts a load into the partitions of its spec, under the lock of the run alone', async () => {
    const world = worldOf();
    const started = async () => {
      await runEtl(loaded({ ...spec, partitions: 3 }), world.dependencies());
      return world.events.find((event) => event.kind === 'run_started');
    };
    expect(await started()).toMatchObject({ partitions: 3 });
    expect([...world.to.locks.keys()]).toEqual(['etl:users']);
  });
});

describe('chunks in the hands of workers', () => {
  it('are more than the partitions, and make the same target; the progress of all adds up', async () => {
    const world = worldOf();
    const workers = [1, 2, 3].map(() => memoryWorker(world, spec));
    const report = await runEtl(loaded(spec), world.dependencies({ engine: fleetEngine(workers) }));
    expect(report).toMatchObject({ outcome: 'done', rows_read: 300, rows_written: 300, rows_already_there: 0, notes: [] });
    expect(workers.flatMap(({ done }) => done).sort((left, right) => left - right)).toEqual(
      Array.from({ length: 12 }, (_, id) => id),
    );
    expect(world.to.fingerprint('people')).toBe(await undisturbed());
    expect(written(world)).toBe(300);
    expect(world.events.filter((event) => event.kind === 'loss')).toHaveLength(1);
    expect(world.events.filter((event) => event.kind === 'fleet').at(-1)).toMatchObject({ open: 0, total: 12 });
    expect(await verifyEtl(loaded(spec), world.dependencies())).toMatchObject({ ok: true, expected_rows: 300 });
  });

  it.each([
    ['etl.before_write', 3],
    ['etl.after_write', 4],
    ['etl.before_checkpoint', 4],
    ['etl.after_checkpoint', 3],
  ] as const)('go to others when a worker dies at %s', async (place, times) => {
    const world = worldOf();
    const workers = [1, 2, 3].map(() => memoryWorker(world, spec));
    let left = times;
    workers[0]!.fault = (passed) => {
      if (passed === place && --left === 0) workers[0]!.die();
    };
    const report = await runEtl(loaded(spec), world.dependencies({ engine: fleetEngine(workers), lease_ttl_ms: leaseMs }));
    expect(left).toBeLessThanOrEqual(0);
    expect(report).toMatchObject({ rows_read: 300, rows_rejected: 0 });
    expect(report.rows_written + report.rows_already_there).toBe(300);
    expect(world.to.fingerprint('people')).toBe(await undisturbed());
    expect(written(world)).toBe(300);
    await rollbackEtl(loaded(spec), world.dependencies());
    expect(world.to.fingerprint('people')).toBe('absent');
  });

  it.each(['etl.after_read', 'etl.before_write', 'etl.before_checkpoint'] as const)(
    'that another has taken over are not written any more by a worker that stood still at %s',
    async (place) => {
      const world = worldOf();
      const [slow, other] = [memoryWorker(world, spec), memoryWorker(world, spec)];
      let passed = 0;
      let goOn = (): void => undefined;
      const stood = new Promise<void>((resolve) => {
        slow.fault = async (at) => {
          if (at !== place || ++passed !== 2) return;
          resolve();
          await new Promise<void>((wake) => {
            goOn = wake;
          });
        };
      });
      const engine = fleetEngine([other], 2);
      let stale: Promise<unknown> = Promise.resolve();
      const run = engine.run;
      engine.run = async (load) => {
        stale = failure(slow.run(load.reference, 0));
        await stood;
        // The machine stood still: no heartbeat, and the lease has ended.
        const renewed = world.to.locks.get('etl:users/0')!;
        renewed.expires = 0;
        await run.call(engine, load);
      };
      await runEtl(loaded(spec), world.dependencies({ engine }));
      const rows = world.to.fingerprint('people');
      const journal = structuredClone([...world.to.journal]);
      goOn();
      expect(await stale).toMatchObject({ code: 'LEASE_LOST' });
      expect(world.to.fingerprint('people')).toBe(rows);
      expect([...world.to.journal]).toEqual(journal);
      expect(rows).toBe(await undisturbed());
    },
  );

  it('end when their run is asked to stop, and go on in the next one, with workers or without', async () => {
    const world = worldOf();
    const workers = [1, 2].map(() => memoryWorker(world, spec));
    const stop = new AbortController();
    let writes = 0;
    world.to.beforeWrite = async () => {
      if (++writes === 5) stop.abort();
      await sleep(20);
    };
    const error = await failure(
      runEtl(loaded(spec), world.dependencies({ engine: fleetEngine(workers, 4), signal: stop.signal, lease_ttl_ms: leaseMs })),
    );
    expect(error.code).toBe('STOPPED');
    expect([...world.to.locks.values()].filter(({ held }) => held)).toEqual([]);
    const rows = world.to.tables.get('people')!.rows.size;
    expect(rows).toBeLessThan(300);
    await sleep(50);
    expect(world.to.tables.get('people')!.rows.size).toBe(rows);
    world.to.beforeWrite = undefined;
    const report = await runEtl(loaded(spec), world.dependencies());
    expect(report).toMatchObject({ resumed: true, rows_read: 300 });
    expect(world.to.fingerprint('people')).toBe(await undisturbed());
  });

  it.each(['run', 'rollback'] as const)('are waited for by a %s after the process of their run has died', async (next) => {
    const world = worldOf();
    const worker = memoryWorker(world, spec);
    const engine = fleetEngine([], 2);
    let working: Promise<unknown> = Promise.resolve();
    engine.run = async (load) => {
      worker.fault = (place) => (place === 'etl.before_write' ? sleep(600) : undefined);
      working = worker.run(load.reference, 0);
      await sleep(80);
      world.adapter.killAll();
      throw new Error('killed');
    };
    await runEtl(loaded(spec), world.dependencies({ engine, retries: 0 })).catch(() => undefined);
    world.to.locks.get('etl:users')!.expires = 0;
    const dependencies = world.dependencies({ lease_ttl_ms: leaseMs });
    if (next === 'run') await runEtl(loaded(spec), dependencies);
    else await rollbackEtl(loaded(spec), dependencies);
    expect(await working).toBe('over');
    expect(world.to.fingerprint('people')).toBe(next === 'run' ? await undisturbed() : 'absent');
  });

  it('keep rejected rows in the journal, and the run has them in its file, once', async () => {
    const file = join(folder, 'users.rejected.ndjson');
    onTestFinished(() => rm(file, { force: true }));
    const tolerant = { ...spec, max_rejected: 5 };
    const world = worldOf();
    for (const id of [42, 100]) world.from.tables.get('users')!.rows.get(`i${id}`)![1] = 'x'.repeat(2000);
    const workers = [1, 2].map(() => memoryWorker(world, tolerant));
    let left = 4;
    workers[0]!.fault = (passed) => {
      if (passed === 'etl.before_checkpoint' && --left === 0) workers[0]!.die();
    };
    const report = await runEtl(loaded(tolerant), world.dependencies({ engine: fleetEngine(workers, 3), lease_ttl_ms: leaseMs }));
    expect(report).toMatchObject({ rows_read: 300, rows_rejected: 2, rejected_file: file });
    const letters = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { key: number });
    expect(letters.map(({ key }) => key).sort((a, b) => a - b)).toEqual([42, 100]);
    expect([...world.to.journal.keys()].filter((key) => key.includes('/letter/'))).toEqual([]);
  });

  it('stop all when they reject more rows than the spec allows', async () => {
    const file = join(folder, 'users.rejected.ndjson');
    onTestFinished(() => rm(file, { force: true }));
    const world = worldOf();
    world.from.tables.get('users')!.rows.get('i42')![1] = 'x'.repeat(2000);
    const workers = [1, 2].map(() => memoryWorker(world, spec));
    const error = await failure(
      runEtl(loaded(spec), world.dependencies({ engine: fleetEngine(workers), lease_ttl_ms: leaseMs })),
    );
    expect(error.code).toBe('ROW_REJECTED');
    expect(await readFile(file, 'utf8')).toContain('"key":42');
    world.from.tables.get('users')!.rows.get('i42')![1] = 'short';
    const report = await runEtl(loaded(spec), world.dependencies({ engine: fleetEngine(workers), lease_ttl_ms: leaseMs }));
    expect(report).toMatchObject({ rows_read: 300, rows_rejected: 0, rejected_file: null });
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('are refused by a worker whose spec is another one', async () => {
    const world = worldOf();
    const [worker] = [memoryWorker(world, specOf({}, { transform: { transformation_rules: { id: 'id' } } }))];
    const error = await failure(runEtl(loaded(spec), world.dependencies({ engine: fleetEngine([worker!]) })));
    expect(error.code).toBe('SPEC_CHANGED');
    expect(world.to.tables.get('people')!.rows.size).toBe(0);
  });
});
