import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { describe, expect, inject, it } from 'vitest';
import { FleetSite, type FleetTarget, rows, type SiteOptions } from './fleet-site.ts';

const open = (store: FleetTarget, options: Omit<SiteOptions, 'engine'> & { threads?: number } = {}) => {
  const { threads = 2, ...more } = options;
  return FleetSite.open(
    store,
    { postgresql: inject('postgresqlUrl'), mongodb: inject('mongodbUrl') },
    { engine: { type: 'threads', threads }, ...more },
  );
};

/** A function that notes the threads that call it, and may do something to the one that comes to a row first. */
const functions = (atRow: string) => `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
const noted: { done?: boolean } = {};
export function checked(id: number): string {
  if (!noted.done) {
    noted.done = true;
    appendFileSync(new URL('threads.txt', import.meta.url), threadId + '\\n');
  }
  const first = new URL('first.txt', import.meta.url);
  if (Number(id) === 7777 && !existsSync(first)) {
    writeFileSync(first, String(threadId));
    ${atRow}
  }
  return 'row ' + id;
}
`;

/** The threads that have called the function, without that of the command: it calls it for the types of a table that is not there. */
const threadsOf = async (site: FleetSite): Promise<ReadonlySet<number>> => {
  const noted = await readFile(join(site.folder, 'threads.txt'), 'utf8');
  return new Set(
    noted
      .trim()
      .split('\n')
      .map(Number)
      .filter((thread) => thread !== 0),
  );
};

async function verified(site: FleetSite): Promise<void> {
  const { code, stdout } = await site.start('etl', 'verify', 'users.json', '--json').ended;
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { ok: true, expected_rows: rows }]);
}

describe.each(['mongodb', 'postgresql'] as const)('two threads load PostgreSQL → %s', (store) => {
  it('with a function in TypeScript: every row is there once, and what is said adds up', async () => {
    await using site = await open(store, { functions: functions('') });
    const { code, stdout, stderr } = await site.start('etl', 'run', 'users.json', '--json').ended;
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'done',
      rows_read: rows,
      rows_written: rows,
      rows_already_there: 0,
      // Rows come from the journal; of times nobody tells.
      steps: { extract: { rows, waited_ms: null }, load: { rows, writes: null, busy_ms: null } },
      targets: [{ batch_size: 250 }],
    });
    expect((await threadsOf(site)).size).toBe(2);
    await verified(site);
    expect((await site.start('etl', 'rollback', 'users.json', '--yes').ended).code).toBe(0);
    expect(await site.count()).toBe(0);
  });

  it.each([
    ['is ended by process.exit', 'process.exit(1);'],
    ['takes all memory', 'const kept: unknown[] = []; for (;;) kept.push({ id, text: String(kept.length) });'],
    ['is ended by an error that nobody catches', "setImmediate(() => { throw new Error('nobody catches this'); });"],
  ])('where one of them %s: another goes on with its chunk', async (_, atRow) => {
    await using site = await open(store, { functions: functions(atRow) });
    const { code, stdout, stderr } = await site.start('etl', 'run', 'users.json', '--json').ended;
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ outcome: 'done', rows_read: rows, rows_rejected: 0 });
    expect(report.rows_written + report.rows_already_there).toBe(rows);
    const dead = Number(await readFile(join(site.folder, 'first.txt'), 'utf8'));
    const threads = await threadsOf(site);
    expect(threads).toContain(dead);
    // The one in its place, or the other one, which may have been through with all else by then.
    expect(threads.size).toBeGreaterThanOrEqual(2);
    expect(await site.count()).toBe(rows);
    await verified(site);
  });
});

describe('a load in threads', () => {
  const slow = functions('').replace('return ', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.4);\n  return ');

  it('is stopped by SIGINT with its chunks, and goes on in one thread, killed and in threads again', async () => {
    await using site = await open('postgresql', { functions: slow });
    const first = site.start('etl', 'run', 'users.json');
    await site.loaded(rows / 10);
    first.child.kill('SIGINT');
    const { code: left, stderr: told } = await first.ended;
    expect(left).toBe(5);
    expect(told).toMatch(/load: .*2 workers, \d+ of 8 chunks done/);
    const stopped = await site.count();
    expect(stopped).toBeLessThan(rows);

    const second = site.start('etl', 'run', 'users.json', '--local');
    await site.loaded(stopped + rows / 10);
    second.child.kill('SIGKILL');
    await second.ended;
    const third = site.start('etl', 'run', 'users.json', '--threads', '3', '--wait', '30');
    await site.loaded((await site.count()) + rows / 10);
    third.child.kill('SIGKILL');
    await third.ended;
    const { code, stdout, stderr } = await site.start('etl', 'run', 'users.json', '--local', '--json', '--wait', '30').ended;
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ resumed: true, rows_read: rows, rows_rejected: 0 });
    expect(await site.count()).toBe(rows);
    await verified(site);
  });

  it('reads one view of the source in all threads, whatever applications change meanwhile', async () => {
    await using site = await open('postgresql', { functions: slow });
    const run = site.start('etl', 'run', 'users.json', '--json');
    await site.loaded(rows / 10);
    await site.change('DELETE FROM users WHERE id % 2 = 0');
    await site.change("UPDATE users SET first_name = 'changed'");
    const { code, stdout, stderr } = await run.ended;
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ rows_read: rows, rows_written: rows });
    expect(await site.count()).toBe(rows);
    const { stdout: compared } = await site.start('etl', 'verify', 'users.json', '--json').ended;
    // Compared with the source of today, each row that is there still has another name in the target.
    expect(JSON.parse(compared)).toMatchObject({ ok: false, missing: { count: 0 }, different: { count: rows / 2 } });
  });

  it('ends where a chunk kills each thread that takes it, and can be resumed without threads', async () => {
    const deadly = functions('').replace('return ', 'if (Number(id) === 7777 && threadId !== 0) process.exit(1);\n  return ');
    await using site = await open('postgresql', { functions: deadly });
    const { code, stdout } = await site.start('etl', 'run', 'users.json', '--json').ended;
    expect([code, JSON.parse(stdout).error]).toMatchObject([5, { code: 'WORKER_DIED' }]);
    const { code: local } = await site.start('etl', 'run', 'users.json', '--local', '--json', '--wait', '30').ended;
    expect([local, await site.count()]).toEqual([0, rows]);
    await verified(site);
  });

  it('tells what is wrong with a row, as a load in one thread does', async () => {
    const wrong = functions('').replace('return ', "if (Number(id) === 7777) throw new Error('no such row');\n  return ");
    await using site = await open('mongodb', { functions: wrong });
    const { code, stdout, stderr } = await site.start('etl', 'run', 'users.json', '--json').ended;
    expect([code, JSON.parse(stdout).error]).toMatchObject([1, { code: 'ROW_REJECTED' }]);
    expect(stderr).toContain('no such row');
    expect(await readFile(join(site.folder, 'users.rejected.ndjson'), 'utf8')).toContain('no such row');
  });
});
