import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chunks, FleetSite, type FleetTarget, rows } from './fleet-site.ts';

let redis: TestServer;
beforeAll(async () => {
  redis = await startServer('redis', { kinds: ['native'] });
});
afterAll(() => redis.stop());

const open = (store: FleetTarget) =>
  FleetSite.open(store, { postgresql: inject('postgresqlUrl'), mongodb: inject('mongodbUrl'), redis: redis.url });

describe.each(['mongodb', 'postgresql'] as const)('three workers load PostgreSQL → %s', (store) => {
  it('with one killed, one that stands still for longer than its locks last, and Redis killed and started again: every row is there once, and the progress adds up', async () => {
    await using site = await open(store);
    const workers = [1, 2, 3].map(() => site.start('worker', '--json'));
    const run = site.start('etl', 'run', 'users.json', '--json');
    await site.loaded(rows / 5);
    workers[0]!.child.kill('SIGKILL');
    workers[1]!.child.kill('SIGSTOP');
    await sleep(500);
    await redis.process!.kill();
    await sleep(1500);
    await redis.process!.restart();
    await sleep(2000);
    workers[1]!.child.kill('SIGCONT');
    const { code, stdout, stderr } = await run.ended;
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ outcome: 'done', rows_read: rows, rows_rejected: 0, steps: { load: { rows } } });
    expect(report.rows_written + report.rows_already_there).toBe(rows);
    expect(await site.count()).toBe(rows);
    const verified = await site.start('etl', 'verify', 'users.json', '--json').ended;
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([0, { ok: true, expected_rows: rows }]);
    for (const { child } of workers.slice(1)) child.kill('SIGTERM');
    const reports = await Promise.all(
      workers.slice(1).map(async ({ ended }) => {
        const { code: left, stdout: said } = await ended;
        return { left, ...JSON.parse(said) };
      }),
    );
    expect(reports.map(({ left }) => left)).toEqual([0, 0]);
    // Those that the one which was killed has done are missing.
    const done = reports[0].chunks + reports[1].chunks;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThanOrEqual(chunks);
  });
});

describe('a load of a fleet', () => {
  it('is stopped by SIGINT with its chunks, goes on without what Redis had, and is taken back', async () => {
    await using site = await open('postgresql');
    const workers = [1, 2].map(() => site.start('worker', '--concurrency', '2'));
    const first = site.start('etl', 'run', 'users.json');
    await site.loaded(rows / 10);
    first.child.kill('SIGINT');
    const { code: left, stderr: told } = await first.ended;
    expect(left).toBe(5);
    expect(told).toMatch(new RegExp(`load: .*, \\d+ of ${chunks} chunks done`));
    const stopped = await site.count();
    expect(stopped).toBeLessThan(rows);
    await sleep(1000);
    expect(await site.count()).toBe(stopped);

    const second = site.start('etl', 'run', 'users.json');
    await site.loaded(stopped + rows / 10);
    second.child.kill('SIGKILL');
    await second.ended;
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    const { code, stdout, stderr } = await site.start('etl', 'run', 'users.json', '--json', '--wait', '30').ended;
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ resumed: true, rows_read: rows });
    expect(await site.count()).toBe(rows);
    expect((await site.start('etl', 'rollback', 'users.json', '--yes').ended).code).toBe(0);
    expect(await site.count()).toBe(0);
    for (const { child } of workers) child.kill('SIGTERM');
    expect((await Promise.all(workers.map(({ ended }) => ended))).map((each) => each.code)).toEqual([0, 0]);
  });

  it('needs no Redis where this process is to run it', async () => {
    await using site = await open('postgresql');
    await redis.process!.kill();
    const refused = await site.start('etl', 'run', 'users.json', '--json').ended;
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([3, 'CONNECTION_FAILED']);
    expect(await site.count()).toBe(0);
    const { code } = await site.start('etl', 'run', 'users.json', '--local').ended;
    await redis.process!.restart();
    expect([code, await site.count()]).toEqual([0, rows]);
  });
});
