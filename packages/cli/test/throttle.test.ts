import { describe, expect, test } from 'vitest';
import { runInProcess } from './command-in-process.ts';
import { jsonErrorOf, jsonOf, runCommand, startCommand } from './command-process.ts';
import { expectAdded, slowProject, underWay } from './slow-migration.ts';
import { type StoreProject, sql, storeProject } from './stores.ts';

async function changedRows({ url }: StoreProject): Promise<number> {
  const [counted] = await sql<{ count: string }>(url, 'SELECT count(*) AS count FROM numbers WHERE n <> id');
  return Number(counted!.count);
}

describe('a run that is held', { timeout: 120_000 }, () => {
  test('waits, says why, keeps its lock, ends on SIGTERM with exit code 5, and is resumed', async () => {
    await using project = await slowProject('lease_seconds: 2\n');
    const first = startCommand(project.folder, ['up', '--json']);
    await first.seen(underWay);
    const hold = jsonOf(await runCommand(project.folder, ['throttle', '--hold', '--pause', '0ms', '--json']));
    expect(hold).toMatchObject({
      store: 'main',
      settings: { paused: true, pause_ms: 0 },
      from: { paused: 'journal', pause_ms: 'journal' },
      waits: 'held by `polyshift throttle --hold`',
    });
    await first.seen(/migrate_data on numbers: \d+ of 400 rows.*, waits.*: held by `polyshift throttle --hold`/);
    const held = await changedRows(project);
    expect(held).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(await changedRows(project)).toBe(held);
    expect((await runCommand(project.folder, ['up'])).code).toBe(4);

    first.child.kill('SIGTERM');
    const stopped = await first.result;
    expect(stopped.code).toBe(5);
    expect(jsonErrorOf(stopped).code).toBe('STOPPED');

    const second = startCommand(project.folder, ['up']);
    await second.seen(/waits.*: held by/);
    expect(await changedRows(project)).toBe(held);
    expect((await runCommand(project.folder, ['throttle', '--go'])).stdout).toMatch(/paused +no +polyshift throttle/);
    expect((await second.result).code).toBe(0);
    await expectAdded(project, 1);
  });
});

describe('polyshift throttle', { timeout: 60_000 }, () => {
  test('shows what is in force, where it comes from, and how the store fares', async () => {
    const throttle = 'throttle: { max_load: 90, pause_ms: 7 }\nthrottle_file: limits.yaml\n';
    await using project = await storeProject(
      'postgresql',
      { 'limits.yaml': 'max_replica_lag_ms: 5000\nmax_load: 80\n' },
      throttle,
    );
    const env = { POLYSHIFT_THROTTLE_PAUSE_MS: '9' };
    await runCommand(project.folder, ['throttle', '--max-load', 'none', '--query', "SELECT 'busy'"]);
    const shown = await runCommand(project.folder, ['throttle'], env);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/pause_ms +9 ms +the environment \(wins over the configuration: 7 ms\)/);
    expect(shown.stdout).toMatch(/max_replica_lag_ms +5\.0 s +\S*limits\.yaml/);
    expect(shown.stdout).toMatch(
      /max_load +none +polyshift throttle, 20\S+ \S+ \(wins over \S*limits\.yaml: 80; the configuration: 90\)/,
    );
    expect(shown.stdout).toMatch(
      /Replica lag: 0 ms\.\nLoad: \d+ statements?\.\nThe query gives "busy"\.\nBatch work waits: the query gives "busy"/,
    );
    const json = jsonOf(await runCommand(project.folder, ['throttle', '--json'], env));
    expect(json).toMatchObject({
      settings: { pause_ms: 9, max_replica_lag_ms: 5000, query: "SELECT 'busy'" },
      from: { pause_ms: 'environment', max_replica_lag_ms: 'file', max_load: 'journal', query: 'journal' },
      measured: { pressure: { replica_lag_ms: 0, load: expect.any(Number) }, query: { value: 'busy' } },
      waits: 'the query gives "busy"',
    });
    const cleared = await runCommand(project.folder, ['throttle', '--clear'], env);
    expect(cleared.stdout).toMatch(/max_load +80 +\S*limits\.yaml \(wins over the configuration: 90\)/);
    expect(cleared.stdout).toContain('Batch work goes on.');
  });

  test('says that no limit is set, and writes no journal for that', async () => {
    await using project = await storeProject('mongodb');
    const shown = await runCommand(project.folder, ['throttle']);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^No limit is set\./) });
    await runCommand(project.folder, ['throttle', '--clear']);
    expect(jsonOf(await runCommand(project.folder, ['status', '--json']))).toMatchObject({ migrations: [] });
  });

  test.each<[string, string[], RegExp, string]>([
    ['a pause without a unit', ['--pause', '200'], /--pause takes a number with a unit.*not "200"/, '--pause'],
    ['a pause that is too long', ['--pause', '25h'], /a day at most, not "25h"/, '--pause'],
    ['a lag in words', ['--max-lag', 'soon'], /--max-lag takes a number with a unit or none, not "soon"/, '--max-lag'],
    ['a negative load', ['--max-load=-1'], /--max-load takes a number from 0 or none, not "-1"/, '--max-load'],
    ['an empty query', ['--query', ' '], /--query takes a query or none/, '--query'],
    ['two that exclude each other', ['--hold', '--go'], /--hold and --go exclude each other/, '--hold'],
    ['clear with a limit', ['--clear', '--max-load', '3'], /--clear forgets everything/, '--clear'],
    ['a query that fails', ['--query', 'SELECT nothing FROM nowhere'], /--query fails: .*nowhere/, '--query'],
    ['a query that writes', ['--query', 'CREATE TABLE x (a int)'], /--query fails: .*read-only/, '--query'],
  ])('refuses %s with its place and a way on, and sets nothing', async (_name, flags, message, place) => {
    await using project = await storeProject('postgresql');
    const refused = await runInProcess(project.folder, ['throttle', '--json', ...flags]);
    expect(refused.code).toBe(2);
    const error = jsonErrorOf(refused) as ReturnType<typeof jsonErrorOf> & { place: { path: string } };
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message), place: { path: place } });
    expect(error.hint.length).toBeGreaterThan(10);
    expect(jsonOf(await runInProcess(project.folder, ['throttle', '--json']))).toMatchObject({ settings: {} });
  });

  test('refuses a limit that the store does not tell anything about', async () => {
    await using project = await storeProject('mongodb');
    const { load } = (
      jsonOf(await runCommand(project.folder, ['throttle', '--json']))['measured'] as { pressure: { load: number | null } }
    ).pressure;
    const answer = await runCommand(project.folder, ['throttle', '--max-load', '3', '--json']);
    if (load === null) expect(jsonErrorOf(answer).message).toMatch(/--max-load has nothing to go by on this store: /);
    else expect(answer.code).toBe(0);
  });

  test.each([
    ['throttle: { max_lode: 3 }\n', {}, /throttle\.max_lode: unknown key/],
    ['pause_ms: 5\nthrottle: { pause_ms: 6 }\n', {}, /throttle\.pause_ms: pause_ms stands there twice/],
    ['', { POLYSHIFT_THROTTLE_MAX_LOAD: 'many' }, /POLYSHIFT_THROTTLE_MAX_LOAD takes a number/],
  ])('a bad value in the configuration or the environment ends `up` with exit code 2: %j %j', async (settings, env, message) => {
    await using project = await storeProject(
      'postgresql',
      { 'migrations/0001_a.yaml': 'operations: [{ type: drop_collection, collection: a, data: {} }]\n' },
      settings,
    );
    const refused = await runCommand(project.folder, ['up', '--json'], env as Record<string, string>);
    expect(refused.code).toBe(2);
    expect(jsonErrorOf(refused)).toMatchObject({
      message: expect.stringMatching(message),
      place: expect.anything(),
      hint: expect.any(String),
    });
  });
});
